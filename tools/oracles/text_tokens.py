"""How a text becomes tokens: a second implementation of the rules in docs/words.md, with Python's Unicode tables."""

import unicodedata


def words_of(text, lower=True):
    """Runs of letters, marks, digits and apostrophes of the composed text."""
    text = unicodedata.normalize("NFC", text)
    if lower:
        text = text.lower()
    found, word = [], ""
    for character in text:
        if unicodedata.category(character)[0] in "LMN" or character == "'":
            word += character
            continue
        if word:
            found.append(word)
        word = ""
    return found + ([word] if word else [])


def tokens_of(text, block):
    """The values of the text input; words outside the vocabulary become the unknown word."""
    index = {word: token for token, word in enumerate(block["vocabulary"])}
    words = words_of(text, block["lower"])
    tokens = [index.get(word, index.get(block.get("unknown"))) for word in words]
    if "start" in block:
        tokens = [index[block["start"]], *tokens]
    if "end" in block:
        tokens = [*tokens, index[block["end"]]]
    tokens = tokens[: block["length"]]
    padding = [0] * (block["length"] - len(tokens))
    return tokens + padding if block["pad"] == "post" else padding + tokens
