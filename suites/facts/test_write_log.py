"""QEMU's blklogwrites records all that reaches an image's file."""

from __future__ import annotations

from fixtures.bench import Bench
from fixtures.driver.log.writelog import PowerLoss
from suites.power_loss import stories
from suites.power_loss.recorded_story import RecordedStory


def test_all_writes_are_recorded_in_their_order(bench: Bench) -> None:
    """The file as it was before, with all that was recorded, is the file as it is."""
    story = RecordedStory(bench)
    stories.bitmap_operations(story)
    bench.finish("what was recorded")
    log = story.log()
    everything = PowerLoss(len(log.entries), len(log.entries), {})
    assert log.file(everything) == bench.machine.files.path("source").read_bytes()


def test_the_end_of_a_session_is_stable(bench: Bench) -> None:
    """Quitting flushes: the last thing recorded is a flush."""
    story = RecordedStory(bench)
    stories.bitmap_operations(story)
    bench.finish("what was recorded")
    assert story.log().entries[-1].is_flush
