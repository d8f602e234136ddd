"""What is true of a scene, from its boxes and colours: questions with their answers, and captions. NumPy only."""

from collections import Counter, defaultdict

import numpy as np

from words_language import ANSWERS, LABELS, NUMBERS, SIDES, question_tokens, with_article

KINDS = ["is there", "how many", "where", "colour"]
# How often each kind is asked in training.
SHARES = [0.2, 0.27, 0.33, 0.2]
# A direction counts if it is so many times as long as the other one, and so many pixels long.
CLEAR = 1.25
FAR = 10


def centre(one):
    box = one["box"]
    return np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])


def side_of(one, other, clear=CLEAR, far=FAR):
    """Where `one` is as seen from `other`: one of SIDES, or None where the direction is between two."""
    dx, dy = centre(one) - centre(other)
    if abs(dx) >= clear * abs(dy) and abs(dx) >= far:
        return "left" if dx < 0 else "right"
    if abs(dy) >= clear * abs(dx) and abs(dy) >= far:
        return "above" if dy < 0 else "below"
    return None


def lies_towards(one, other, side):
    """Whether `one` is anywhere in the half of the picture on that side of `other`."""
    dx, dy = centre(one) - centre(other)
    return {"left": dx < 0, "right": dx > 0, "above": dy < 0, "below": dy > 0}[side]


def facts_of(objects):
    """Every question about a scene that has one answer: (kind, what is asked about, answer, answer's objects).

    What is asked about is a label, or (label, side).
    """
    counts = Counter(one["class"] for one in objects)
    facts = []
    for label in LABELS:
        found = [k for k, one in enumerate(objects) if one["class"] == label]
        facts.append(("is there", label, "yes" if found else "no", found))
        facts.append(("how many", label, str(len(found)), found))
        colours = {objects[k].get("colour") for k in found}
        if len(colours) == 1 and None not in colours:
            facts.append(("colour", label, colours.pop(), found))
    for k, one in enumerate(objects):
        if counts[one["class"]] > 1:
            continue
        for side in SIDES:
            others = [i for i in range(len(objects)) if i != k]
            there = [i for i in others if side_of(objects[i], one) == side]
            # Somewhere in that half, but not clearly that way: some would name it and some would not.
            unclear = [
                i
                for i in others
                if lies_towards(objects[i], one, side) and side_of(objects[i], one) is None
            ]
            names = {objects[i]["class"] for i in there}
            if not unclear and len(names) <= 1:
                facts.append(("where", (one["class"], side), (names or {"nothing"}).pop(), there))
    return facts


def phrase_question(kind, about, rng):
    """One of several ways to ask."""
    pick = lambda *ways: ways[rng.integers(len(ways))]
    if kind == "is there":
        a = with_article(about)
        return pick(f"is there {a}?", f"is there {a}?", f"do you see {a}?", f"are there any {about}s?")
    if kind == "how many":
        return pick(f"how many {about}s are there?", f"how many {about}s do you see?")
    if kind == "colour":
        return pick(f"what colour is the {about}?", f"what color is the {about}?")
    label, side = about
    if side in ("left", "right"):
        return pick(
            f"what is {side} of the {label}?",
            f"what is to the {side} of the {label}?",
            f"what is on the {side} of the {label}?",
        )
    other = {"above": "over", "below": "under"}[side]
    return pick(f"what is {side} the {label}?", f"what is {side} the {label}?", f"what is {other} the {label}?")


class Questions:
    """The facts of many scenes, drawn such that each answer to a question is as frequent as the others.

    A net that has learnt the questions alone then knows little of the answers.
    """

    def __init__(self, scenes):
        self.groups = {kind: defaultdict(lambda: defaultdict(list)) for kind in KINDS}
        for s, objects in enumerate(scenes):
            for kind, about, answer, found in facts_of(objects):
                self.groups[kind][about][answer].append((s, found))

    def draw(self, count, rng):
        """(scene, question's tokens, answer) of `count` questions, with repetition, sorted by scene."""
        drawn = []
        for kind in rng.choice(KINDS, count, p=SHARES):
            groups = self.groups[kind]
            about = list(groups)[rng.integers(len(groups))]
            answers = groups[about]
            answer = list(answers)[rng.integers(len(answers))]
            scene, _ = answers[answer][rng.integers(len(answers[answer]))]
            tokens = question_tokens(phrase_question(kind, about, rng))
            drawn.append((scene, tokens, ANSWERS.index(answer)))
        drawn.sort(key=lambda one: one[0])
        return drawn

    def each(self, most, rng):
        """At most `most` facts of each answer to each question, none twice: what a net is judged by."""
        chosen = []
        for kind in KINDS:
            for about, answers in self.groups[kind].items():
                for answer, facts in sorted(answers.items()):
                    for k in rng.permutation(len(facts))[:most]:
                        scene, found = facts[k]
                        text = phrase_question(kind, about, rng)
                        one = {"kind": kind, "about": about, "scene": scene, "text": text}
                        chosen.append({**one, "answer": answer, "objects": found})
        return sorted(chosen, key=lambda one: one["scene"])


def noun_phrase(objects, label):
    """ "a red car", "two cats": the colour if all that are meant have it."""
    found = [one for one in objects if one["class"] == label]
    colours = {one.get("colour") for one in found}
    colour = colours.pop() if len(colours) == 1 else None
    if len(found) == 1:
        return with_article(label) if colour is None else with_article(colour, label)
    number = NUMBERS[len(found) - 2]
    return f"{number} {label}s" if colour is None else f"{number} {colour} {label}s"


def caption_of(objects, rng):
    """A true sentence, one of many: each object is named once, and one relation is stated if a clear one exists."""
    counts = Counter(one["class"] for one in objects)
    single = [one for one in objects if counts[one["class"]] == 1]
    pairs = [
        (one, side, other)
        for one in single
        for other in single
        if one is not other and (side := side_of(one, other)) is not None
    ]
    rest = list(counts)
    sentence = ""
    if pairs:
        one, side, other = pairs[rng.integers(len(pairs))]
        between = f"{side} of" if side in ("left", "right") else side
        sentence = f"{noun_phrase(objects, one['class'])} {between} {noun_phrase(objects, other['class'])}"
        rest = [label for label in rest if label not in (one["class"], other["class"])]
    rest = [noun_phrase(objects, rest[k]) for k in rng.permutation(len(rest))]
    return " with ".join(part for part in (sentence, " and ".join(rest)) if part)
