"""The regular expression that finds tokens, in the syntax of Oniguruma (Ruby).

It reads normalised, lower-cased text, finds every character that is not white space, and takes
the first alternative that fits. Its words are those of the Stanford tokeniser, with which GloVe
was trained, as far as comments have them: "do" "n't", "it" "'s", "u.s.".
"""

from __future__ import annotations

_ALONE = r"(?<![\p{L}\p{N}])"
_END = r"(?![\p{L}\p{N}])"

# Scripts that write without blanks: each character is a token, with the marks on it.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー"
_IN_WORD = rf"[\p{{L}}\p{{M}}\p{{N}}&&[^{_UNSPACED}]]"

_EMOTICONS = "|".join(
    [
        r"</?3+",  # <3 and </3
        r"¯\\_\(ツ\)_/¯",
        rf"{_ALONE}x+d+{_END}",  # xD
        r"[<>]?[:;=]'?[-o*^]?(?:[)(\[\]|@$*}{]+|[/\\](?!/))",  # :-) ;( =] :/
        rf"{_ALONE}[:;=]'?[-o*^]?[dpo3scxlb]{_END}",  # :D :p :o :3
        rf"{_ALONE}8-?[)(d]+{_END}",  # 8)
        r"(?<!\S)[)(\[\]d]+[-o*^]?'?[:;=](?!\S)",  # (: D:
        rf"{_ALONE}(?:\^[_.-]*\^|-_+-|>[_.]+<|o[_.]+o|t[_.]+t|;_+;|u_+u|\._+\.){_END}",
        r"\\o/",
    ]
)
_EMOJI = "|".join(
    [
        r"\p{Regional_Indicator}{2}",  # a flag
        r"[0-9*#]\u20e3",  # a keycap
        r"\p{Extended_Pictographic}(?:\u200d\p{Extended_Pictographic})*",
    ]
)
_CONTRACTIONS = "|".join(
    [
        rf"n't{_END}",
        rf"'(?:s|m|re|ve|ll|d){_END}",
        rf"{_IN_WORD}+?(?=n't{_END})",  # the word before n't
    ]
)
_NUMBERS = r"\p{N}+(?:[.,:]\p{N}+)+"
_INITIALS = rf"{_ALONE}\p{{L}}(?:\.\p{{L}})+\.?{_END}"  # u.s., e.g.

PATTERN = "|".join(
    [
        r"<(?:url|user)>",
        _EMOTICONS,
        _EMOJI,
        _CONTRACTIONS,
        _NUMBERS,
        _INITIALS,
        rf"[{_UNSPACED}]\p{{M}}*",
        rf"{_IN_WORD}+",
        r"([^\s\p{L}\p{N}])\1*",  # "!!!" is one token
        r"\S",
    ]
)
