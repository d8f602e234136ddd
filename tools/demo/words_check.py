"""Reads a caption of the form that words_truth.py writes, and says how much of it is true. NumPy only."""

from words_language import COLOURS, LABELS, NUMBERS, PLURALS, SIDES
from words_truth import lies_towards, side_of


def read_caption(text):
    """{nouns: [{label, count, colour, place}], relation: (first noun, side, second noun) or None, formed}.

    `place` is the noun's place among the words; `formed` is false where the sentence does not follow the form.
    """
    words = text.split()
    nouns, relation, formed = [], None, True
    at = 0
    expects = "noun"
    while at < len(words):
        word = words[at]
        if expects == "noun":
            noun, at = _read_noun(words, at)
            if noun is None:
                return {"nouns": nouns, "relation": None, "formed": False}
            nouns.append(noun)
            if relation and len(relation) == 2:
                relation = (*relation, len(nouns) - 1)
            expects = "joint"
            continue
        if word in SIDES and len(nouns) == 1 and relation is None:
            relation = (0, word)
            at += 1
            if word in ("left", "right"):
                formed = formed and words[at : at + 1] == ["of"]
                at += 1
        elif word in ("and", "with"):
            at += 1
        else:
            formed = False
            at += 1
        expects = "noun"
    complete = expects == "joint"
    if relation and len(relation) == 2:
        relation = None
    return {"nouns": nouns, "relation": relation, "formed": formed and complete}


def _read_noun(words, at):
    number = words[at]
    if number not in ("a", "an", *NUMBERS):
        return None, at
    count = 1 if number in ("a", "an") else NUMBERS.index(number) + 2
    at += 1
    colour = None
    if at < len(words) and words[at] in COLOURS:
        colour = words[at]
        at += 1
    names = LABELS if count == 1 else PLURALS
    if at >= len(words) or words[at] not in names:
        return None, at
    label = LABELS[names.index(words[at])]
    return {"label": label, "count": count, "colour": colour, "place": at}, at + 1


def judge_caption(text, objects):
    """Counts of what is named and of what of it is true, for one scene."""
    read = read_caption(text)
    counts = {label: sum(one["class"] == label for one in objects) for label in LABELS}
    named = read["nouns"]
    result = {
        "formed": int(read["formed"]),
        "nouns": len(named),
        "present": sum(counts[noun["label"]] > 0 for noun in named),
        "counted": sum(counts[noun["label"]] == noun["count"] for noun in named),
        "colours": sum(noun["colour"] is not None for noun in named),
        "coloured": sum(_has_colour(noun, objects) for noun in named if noun["colour"] is not None),
        "classes": sum(count > 0 for count in counts.values()),
        "mentioned": len({noun["label"] for noun in named if counts[noun["label"]] > 0}),
        "relations": int(read["relation"] is not None),
        "related": 0,
        "halves": 0,
    }
    if read["relation"] is not None:
        first, side, second = read["relation"]
        pairs = [
            (one, other)
            for one in objects
            for other in objects
            if one is not other
            and one["class"] == named[first]["label"]
            and other["class"] == named[second]["label"]
        ]
        # Whichever of the two directions is longer, and the half of the picture.
        result["related"] = int(any(side_of(*pair, clear=1, far=0) == side for pair in pairs))
        result["halves"] = int(any(lies_towards(*pair, side) for pair in pairs))
    return result


def _has_colour(noun, objects):
    found = [one for one in objects if one["class"] == noun["label"]]
    return bool(found) and all(one.get("colour") == noun["colour"] for one in found)
