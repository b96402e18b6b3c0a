"""``roomtone audit train.csv val.csv test.csv``: faults of labelled files, row by row."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.cli.labelled import add_columns

if TYPE_CHECKING:
    from roomtone.data.audit.result import Audit
    from roomtone.training.console import Console

SUMMARY = "look for duplicates, leaks, wrong labels, spam and broken text in labelled CSV files"

_MOST_FILES = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="one to three CSV files: train; train and test; or train, validation and test",
    )
    add_columns(parser)
    parser.add_argument(
        "--output_dir",
        type=Path,
        default=Path("audit"),
        metavar="DIR",
        help="folder of audit.html, audit.json and findings.csv (default: audit)",
    )
    parser.add_argument(
        "--no_labels_check",
        "--no-labels-check",
        action="store_true",
        help="do not look for label errors, which takes the longest",
    )
    parser.add_argument(
        "--fix",
        action="store_true",
        help="write cleaned copies into DIR/cleaned, with a log of every row removed or changed: "
        "texts of a later file leave the earlier one, of texts with two labels the rarer one goes, "
        "or all rows where none is clear, wrong characters are repaired; rows of the last of "
        "several files are never removed",
    )
    parser.add_argument(
        "--fix_also",
        nargs="+",
        default=[],
        metavar="KIND",
        help="with --fix, remove the rows of these findings, too, such as label_error, "
        "duplicate, near_leak, near_duplicate, template, language, no_token",
    )
    parser.add_argument(
        "--seed", type=int, default=42, metavar="N", help="seed of the folds (default: 42)"
    )


def run(args: argparse.Namespace) -> int:
    """Audit the files, write what was found, and print a summary.

    Raises
    ------
    RoomtoneError
        If a file or an argument cannot be used, or cleaned copies would overwrite something.
    """
    from roomtone.cli.audit_progress import AuditProgress
    from roomtone.data.audit.fixing import check_folder, write_fixed
    from roomtone.data.audit.output import findings_csv
    from roomtone.data.audit.planning import check_kinds, plan_fix
    from roomtone.data.audit.reading import open_sources
    from roomtone.experiments.audit import AuditOptions, run_audit
    from roomtone.files import check_writable, write_bytes, write_json
    from roomtone.training.console import Console

    _check(args)
    cleaned = args.output_dir / "cleaned"
    if args.fix:
        check_kinds(args.fix_also)
        check_folder(cleaned)
    check_writable(args.output_dir)
    console = Console()
    options = AuditOptions(
        text_column=args.text_column,
        label_column=args.label_column,
        labels_check=not args.no_labels_check,
        seed=args.seed,
    )
    with AuditProgress(console) as progress:
        audit = run_audit(args.files, options, progress=progress.update)
    write_json(args.output_dir / "audit.json", audit.to_dict())
    write_bytes(args.output_dir / "findings.csv", findings_csv(audit))
    _write_page(args.output_dir / "audit.html", audit, console)
    _summarise(audit, console)
    if args.fix:
        sources = open_sources(args.files, args.text_column, args.label_column)
        fix = plan_fix(audit, args.fix_also)
        write_fixed(cleaned, audit, sources, fix)
        console.say(
            f"Cleaned copies: {cleaned} ({len(fix.removed):,} rows removed, "
            f"{len(fix.repaired):,} repaired, {len(fix.kept):,} test rows kept that a training "
            "file would have lost; changes.csv names each)"
        )
    console.say(f"Written: {args.output_dir} (audit.html, findings.csv, audit.json)")
    return 0


def _check(args: argparse.Namespace) -> None:
    from roomtone.errors import DataError

    if len(args.files) > _MOST_FILES:
        raise DataError(
            f"found {len(args.files)} files, expected one to {_MOST_FILES}: train; train and test; "
            "or train, validation and test"
        )
    places = [path.resolve() for path in args.files]
    if len(set(places)) < len(places):
        raise DataError("the same file is named twice; name each split once")
    if args.fix_also and not args.fix:
        raise DataError("--fix_also does nothing without --fix; give both")


def _write_page(path: Path, audit: Audit, console: Console) -> None:
    from roomtone.errors import MissingExtraError
    from roomtone.files import write_bytes
    from roomtone.reports.audit_page import render_audit

    try:
        page = render_audit(audit)
    except MissingExtraError as error:
        console.always(f"⚠️  audit.html was written without figures: {error}")
        page = render_audit(audit, figures=False)
    write_bytes(path, page.encode("utf-8"))


def _summarise(audit: Audit, console: Console) -> None:
    from roomtone.data.audit.kinds import KINDS

    counts = audit.counts()
    width = max((len(KINDS[kind].title) for kind in counts), default=0)
    columns = [max(len(file.name), 7) for file in audit.files]
    heads = (f"{file.name:>{size}}" for file, size in zip(audit.files, columns, strict=True))
    console.say(f"{'Rows':<{width}}  {'  '.join(heads)}")
    rows = (f"{file.rows:>{size},}" for file, size in zip(audit.files, columns, strict=True))
    console.say(f"{'with a text':<{width}}  {'  '.join(rows)}")
    for kind, found in counts.items():
        cells = (f"{number:>{size},}" for number, size in zip(found, columns, strict=True))
        console.say(f"{KINDS[kind].title:<{width}}  {'  '.join(cells)}")
    for each in audit.imbalances:
        console.say(f"⚠️  {each.file}: {each.told}")
    for shift in audit.shifts:
        if shift.size != "negligible":
            console.say(
                f"⚠️  {shift.what} differ between {shift.first} and {shift.second}: "
                f"{shift.effect_name} {shift.effect:.2f} ({shift.size}), p = {shift.p_value:.2g}"
            )
    for reason in audit.skipped:
        console.say(f"Not looked at: {reason}")
