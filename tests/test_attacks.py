"""The corpus that the judge is held to: none of these programs may pass, stay or break the next grading."""

from __future__ import annotations

import os
import random
import secrets
import sys
import unicodedata
from collections.abc import Iterator

import pytest

from tests.attacks import corpus, trials
from tests.attacks.corpus import Attack
from tests.attacks.trials import Arena, Trial

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no sandbox on this system, only on Linux")

CORPUS = corpus.attacks()
EVERY = pytest.mark.parametrize("attack", CORPUS, ids=[attack.name for attack in CORPUS])
BITING = [attack for attack in CORPUS if attack.bites]
_SAMPLE = 15
_LONGEST = 2000


@pytest.fixture(scope="module")
def arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    """An arena in which the attacks of this run are being graded already, two at a time."""
    with trials.arena() as arena:
        for item in request.session.items:
            if isinstance(item, pytest.Function) and item.originalname == "test_an_attack_gets_what_it_deserves":
                attack = item.callspec.params["attack"]
                assert isinstance(attack, Attack)
                arena.order(attack)
        yield arena


def complaints(attack: Attack, trial: Trial, after: Trial) -> list[str]:
    """Everything about a trial that is not as it has to be, in words."""
    found = []
    if trial.bitten:
        found.append(f"a hole: the watchdog had to end it at {trial.bitten}")
    wanted = {check: sorted(allowed) for check, allowed in attack.outcomes.items()}
    got = trial.outcomes()
    if got.keys() != wanted.keys() or any(got[check] not in wanted[check] for check in wanted):
        found.append(f"expected {wanted}, got {got or trial.report}")
    if not any(words in trial.words() for words in attack.says):
        found.append(f"expected to be told {' or '.join(attack.says)!r}, was told {trial.words()!r}")
    if attack.outcomes and (trial.report.get("isolation") != "sandbox" or trial.report.get("incomplete")):
        found.append(f"expected a whole judgement in a sandbox, got {trial.report}")
    if ugly := [line for line in trial.shown() if not _harmless(line)]:
        found.append(f"control characters reach the terminal: {ugly!r}")
    if long := [line[:100] for line in trial.shown() if len(line) > _LONGEST]:
        found.append(f"lines of more than {_LONGEST} characters reach the terminal: {long}")
    if trial.left:
        found.append(f"left behind: {trial.left}")
    if after.outcomes() != corpus.HONEST[attack.arena] or after.left or after.bitten:
        found.append(f"the honest program after it: {after}")
    return found


def _harmless(text: str) -> bool:
    return not any(unicodedata.category(c).startswith("C") for c in text.replace("\n", ""))


def test_the_watchdog_bites() -> None:
    """What passes the outer bounds, of memory, shared memory, processes or time, is killed."""
    bitten = trials.prove_the_watchdog()
    assert "MB of memory" in bitten["memory"]
    assert "MB of shared memory" in bitten["shared"]
    assert "processes" in bitten["processes"]
    assert "more than 0.3 s" in bitten["seconds"]


def test_the_corpus_is_whole() -> None:
    """There are six families and at least fifty attacks, and each says what it tries and what stops it."""
    assert {attack.family for attack in CORPUS} == set(corpus.FAMILIES)
    assert len(CORPUS) >= 50
    for attack in CORPUS:
        assert attack.about.endswith(".") and attack.stopped_by and attack.says, attack.name
        assert attack.arena in corpus.ARENAS
        assert attack.outcomes.keys() <= corpus.HONEST[attack.arena].keys(), attack.name


@EVERY
def test_an_attack_gets_what_it_deserves(attack: Attack, arena: Arena) -> None:
    """It earns nothing, is told why, leaves nothing behind, and the next program is judged as ever."""
    trial, after = arena.judged(attack)
    assert complaints(attack, trial, after) == []


@pytest.mark.parametrize("attack", BITING, ids=[attack.name for attack in BITING])
def test_an_attack_bites_where_there_are_no_walls(attack: Attack, arena: Arena) -> None:
    """Outside of a sandbox it gets its loot: what stops it inside is the wall, not a mistake of its own."""
    trial = arena.bite(attack)
    assert trial.outcomes() == {"loot": "passed"}, trial.words()


def test_any_order_gives_the_same_verdicts(arena: Arena) -> None:
    """By judges that wait from one to the next, honest programs in between: what it gets alone, it gets here."""
    orders = int(os.environ.get("GROUNDUP_ORDERS", "0"))
    for _ in range(orders or 1):
        seed = os.environ.get("GROUNDUP_ORDER_SEED") or secrets.token_hex(4)
        print(f"GROUNDUP_ORDER_SEED={seed}")  # noqa: T201 shown with a failure, to repeat it
        sample = random.Random(seed).sample(CORPUS, len(CORPUS) if orders else min(_SAMPLE, len(CORPUS)))
        for attack, trial, after in arena.again(sample):
            assert complaints(attack, trial, after) == [], f"{attack.name}, seed {seed}"
