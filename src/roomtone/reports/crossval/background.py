"""The sections on how a cross-validation came about: methods, checklist, data and settings."""

from __future__ import annotations

from roomtone.reports.checklist import checklist_section
from roomtone.reports.crossval.chapter import Chapter
from roomtone.reports.crossval.methods import methods_paragraphs
from roomtone.reports.document.blocks import Block, Section, Table


def plan_section(chapter: Chapter) -> Section:
    """Show data, folds, settings and versions."""
    plan = chapter.facts["plan"]
    files = tuple(
        (
            (chapter.value(f"plan.files.{i}.file"),),
            (chapter.value(f"plan.files.{i}.rows", "count"),),
            (chapter.value(f"plan.files.{i}.sha256"),),
        )
        for i in range(len(plan["files"]))
    )
    classes = tuple(
        (
            (chapter.value(f"plan.classes.{i}.name"),),
            (chapter.value(f"plan.classes.{i}.rows", "count"),),
            (chapter.value(f"plan.classes.{i}.share", "percent"),),
        )
        for i in range(len(plan["classes"]))
    )
    settings = tuple(
        (
            (chapter.value(f"plan.models.{i}.name"),) if j == 0 else ("",),
            (chapter.value(f"plan.models.{i}.settings.{j}.key"),),
            (chapter.value(f"plan.models.{i}.settings.{j}.value"),),
        )
        for i, model in enumerate(plan["models"])
        for j in range(len(model["settings"]))
    )
    blocks: list[Block] = [
        Table(
            chapter.key("files"),
            ("Data files",),
            (("File",), ("Rows",), ("Hash of the file",)),
            files,
            words=(0, 2),
            wrapped={0: 0.25, 2: 0.5},
        ),
        Table(
            chapter.key("class_counts"),
            ("Rows of each class",),
            (("Class",), ("Rows",), ("Share",)),
            classes,
            wrapped={0: 0.4},
        ),
    ]
    if settings:
        blocks.append(
            Table(
                chapter.key("settings"),
                ("Settings of the models",),
                (("Model",), ("Setting",), ("Value",)),
                settings,
                words=(0, 1, 2),
                wrapped={0: 0.18, 1: 0.36, 2: 0.36},
            )
        )
    return Section(chapter.key("plan"), chapter.title("Data and settings"), tuple(blocks))


def record_section(chapter: Chapter) -> Section:
    """Show what was fixed, what was not, and what is unknown."""
    return checklist_section(
        chapter.facts["checklist"],
        f"{chapter.at}.checklist",
        key=chapter.key("checklist"),
        title=chapter.title("Reproducibility checklist"),
    )


def methods_section(chapter: Chapter) -> Section:
    """Write the methods as a paper does."""
    return Section(
        chapter.key("methods"),
        chapter.title("Methods"),
        tuple(methods_paragraphs(chapter.facts, chapter.at)),
    )
