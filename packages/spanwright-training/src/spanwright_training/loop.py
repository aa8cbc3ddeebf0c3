"""The training loop: batches, updates, evaluations, and what is saved when."""

from __future__ import annotations

import math
import sys
import warnings
from contextlib import nullcontext
from pathlib import Path
from time import perf_counter
from typing import IO, Any

from spanwright.errors import NotFiniteError, SpanwrightWarning

from .announce import announce
from .batches import Batches, subdivide_batch
from .checkpoint import FILE as CHECKPOINT
from .checkpoint import Progress, learning, read_checkpoint, remove_leftovers, restore, save_checkpoint
from .errors import NonFiniteLossError, TrainingError, TrainingInterrupted
from .evaluation import Evaluation, create_evaluation_callback
from .initialize import prepare_device
from .interrupts import Interrupts
from .journal import Journal
from .progress import Bar
from .saving import BEST, LAST, Models, create_before_to_disk_callback, update_meta
from .settings import Settings, read_settings

__all__ = [
    "BEST", "LAST", "Run", "create_before_to_disk_callback", "create_evaluation_callback", "subdivide_batch", "train",
    "update_meta",
]  # fmt: skip


def train(
    nlp: Any,
    output_path: str | Path | None = None,
    *,
    use_gpu: int = -1,
    stdout: IO[str] = sys.stdout,
    stderr: IO[str] = sys.stderr,
    resume: bool = False,
) -> tuple[Any, Path | None]:
    """Train a pipeline as the [training] section of its config says.

    nlp: The pipeline, from `init_nlp`.
    output_path: Folder for the best and the last model, the log, the report and the run's saved state; None keeps
        nothing.
    use_gpu: Number of the GPU that has been chosen, -1 for none.
    stdout, stderr: Where messages and the progress bar go.
    resume: Go on from the state that a run with the same config saved in `output_path`. On the CPU the weights end
        bit-equal to those of a run that was not broken off.

    Returns the pipeline and the folder of the last model. Raises TrainingError (a ValueError) and its kinds: a loss
    that is no number (NonFiniteLossError: the models saved before are left as they are), an empty corpus, a score
    that nobody computes, a run that cannot be resumed. Ctrl-C ends the step, saves state and last model, and raises
    TrainingInterrupted (a KeyboardInterrupt).
    """
    if resume and output_path is None:
        raise TrainingError("To resume a run, give the output folder of that run.")
    config = nlp.config.interpolate()
    prepare_device(config, use_gpu)
    run = Run(nlp, config, read_settings(nlp, config), Path(output_path) if output_path else None, stdout, stderr)
    with Interrupts() as interrupts:
        run.go(interrupts, resume=resume)
    return nlp, run.models.last if run.models else None


class Run:
    """One training run.

    nlp, config: The pipeline, and its interpolated config.
    settings: What [training] stands for.
    output: The output folder, or None.
    """

    def __init__(
        self, nlp: Any, config: Any, settings: Settings, output: Path | None, stdout: IO[str], stderr: IO[str]
    ) -> None:
        self.nlp = nlp
        self.config = config
        self.settings = settings
        self.output = output
        self.stdout, self.stderr = stdout, stderr
        self.optimizer = settings["optimizer"]
        self.frozen: list[str] = list(settings["frozen_components"])
        self.annotating: list[str] = list(settings["annotating_components"])
        self.evaluate = Evaluation(
            nlp, settings.dev_corpus, settings["score_weights"], name=str(settings["dev_corpus"])
        )
        self.models = Models(output, settings["before_to_disk"]) if output is not None else None
        self.journal: Journal | None = None
        self.progress = Progress()
        self.batches: Batches | None = None
        self._started = perf_counter()
        self._bar: Bar | None = None
        self._ending = ""

    # The course of a run

    def go(self, interrupts: Interrupts, *, resume: bool) -> None:
        """Train until the end, whatever that is."""
        start = self._open(resume)
        if not any(learning(self.nlp, self.frozen)):
            raise TrainingError("Nothing would be learned: the pipeline has no trainable component that is not frozen.")
        self._introduce(resume)
        with self.nlp.select_pipes(disable=[name for name in self.frozen if name in self.nlp.pipe_names]):
            log_step, finalize = self.settings["logger"](self.nlp, self.stdout, self.stderr)
        self._announce("training_started", config=self.config, output=self.output)
        self._bar = Bar(self.config["training"], self.stderr, first=self.progress.step + 1)
        self._started = perf_counter() - self.progress.seconds
        saved = False
        try:
            self._loop(interrupts, log_step, start)
            saved = True
        except KeyboardInterrupt:
            self._interrupted()
            raise TrainingInterrupted(self._how_to_resume()) from None
        except Exception as error:
            self._failed(error)
            raise
        finally:
            self._bar.close()
            finalize()
            if saved:
                self._finish()
            self._report()
        self._announce("training_finished", output=self.output)

    def _open(self, resume: bool) -> dict[str, Any] | None:
        """Make the output folder ready; return the place in the data to start from."""
        if self.output is None:
            self.evaluate.check_corpus()
            return None
        state = read_checkpoint(self.output, self.config) if resume else None
        self.evaluate.check_corpus()
        self.output.mkdir(parents=True, exist_ok=True)
        remove_leftovers(self.output)
        if state is not None:
            assert self.models is not None
            self.models.are_ours = True
            self.progress = restore(state, self.nlp, self.optimizer, frozen=self.frozen)
            self.nlp.meta["performance"] = dict(self.progress.performance)
        if self.settings.own.log:
            self.journal = Journal(self.output, after=self.progress.step if state is not None else None)
        return None if state is None else state["position"]

    def _loop(self, interrupts: Interrupts, log_step: Any, start: dict[str, Any] | None) -> None:
        settings = self.settings
        self.batches = Batches(
            self.nlp,
            settings.train_corpus,
            settings["batcher"],
            settings["max_epochs"],
            series=settings.series,
            name=str(settings["train_corpus"]),
            start=start,
        )
        self.batches.open()
        if self.progress.unscored:
            self._after_step(interrupts, log_step)
        if self.progress.results and self._is_over():
            return
        for epoch, batch in self.batches:
            with interrupts.held():
                self._step(epoch, batch)
            self._after_step(interrupts, log_step)
            if self._is_over():
                return

    def _is_over(self) -> bool:
        step, (_, best_step) = self.progress.step, self.progress.best
        patience, max_steps = self.settings["patience"], self.settings["max_steps"]
        return bool((patience and step - best_step >= patience) or (max_steps and step >= max_steps))

    # A step

    def _step(self, epoch: int, batch: list[Any]) -> None:
        progress = self.progress
        step = progress.step + 1
        if self.settings["before_update"]:
            self.settings["before_update"](self.nlp, {"step": step, "epoch": epoch})
        drop = self.settings.dropout.at(step)
        for part in subdivide_batch(batch, self.settings["accumulate_gradient"]):
            self._update(part, drop, step, epoch)
        for _, component in learning(self.nlp, self.frozen):
            component.finish_update(self.optimizer)
        self.optimizer.step_schedules()
        progress.step, progress.epoch = step, epoch
        progress.words += sum(len(example) for example in batch)
        progress.unscored = step % self.settings["eval_frequency"] == 0

    def _update(self, batch: list[Any], drop: float, step: int, epoch: int) -> None:
        losses = self.progress.losses
        try:
            self.nlp.update(batch, drop=drop, losses=losses, sgd=False, exclude=self.frozen, annotates=self.annotating)
        except NotFiniteError as error:
            raise self._not_finite([error.component], math.nan, batch, step, epoch) from error
        bad = [name for name, loss in losses.items() if not math.isfinite(loss)]
        if bad:
            raise self._not_finite(bad, losses[bad[0]], batch, step, epoch)

    def _not_finite(
        self, components: list[str], loss: float, batch: list[Any], step: int, epoch: int
    ) -> NonFiniteLossError:
        texts = "; ".join(repr(_shortened(example.reference.text)) for example in batch[:3])
        kept = f" The models saved so far are in {self.output}." if self.models and self.models.are_ours else ""
        return NonFiniteLossError(
            f"The loss of {' and '.join(components)} is {loss} in step {step} (epoch {epoch}), on the batch of "
            f"{len(batch)} examples that begins with {texts}. Training stopped; the weights are of no use from here "
            f"on.{kept} Try a lower [training.optimizer] learn_rate or grad_clip = 1.0, and look at these examples.",
            components=components,
            step=step,
            epoch=epoch,
        )

    # After a step

    def _after_step(self, interrupts: Interrupts, log_step: Any) -> None:
        progress, own = self.progress, self.settings.own
        assert self._bar is not None
        if progress.unscored:
            score, scores = self._scored()
            with interrupts.held():
                self._evaluated(score, scores, log_step)
            return
        log_step(None)
        self._bar.advance()
        if own.checkpoint_every and progress.step and progress.step % own.checkpoint_every == 0:
            with interrupts.held():
                self._save_state()

    def _scored(self) -> tuple[float, dict[str, Any]]:
        averages = self.optimizer.averages
        with self.nlp.use_params(averages) if averages else nullcontext():
            return self.evaluate()

    def _evaluated(self, score: float, scores: dict[str, Any], log_step: Any) -> None:
        progress = self.progress
        if hasattr(type(self.optimizer), "last_score"):
            self.optimizer.last_score = score
        progress.results.append((score, progress.step))
        # As good as the best counts as the best.
        is_best = score == max(progress.results)[0]
        progress.seconds = perf_counter() - self._started
        info = {
            "epoch": progress.epoch,
            "step": progress.step,
            "score": score,
            "other_scores": scores,
            "losses": dict(progress.losses),
            "checkpoints": list(progress.results),
            "seconds": int(progress.seconds),
            "words": progress.words,
        }
        with self.nlp.select_pipes(disable=[name for name in self.frozen if name in self.nlp.pipe_names]):
            update_meta(self.settings.values, self.nlp, info)
        progress.performance = dict(self.nlp.meta["performance"])
        if self.models is not None:
            self.models.save(self.nlp, self.optimizer.averages, is_best=is_best)
            if not self.settings.own.checkpoint:
                (self.models.output / CHECKPOINT).unlink(missing_ok=True)  # it would be of an earlier run
            info["output_path"] = str(self.models.last)
        if self.journal is not None:
            self.journal.add(info, is_best=is_best, learn_rate=learn_rate_of(self.optimizer))
        assert self._bar is not None
        with self._bar.hidden():
            log_step(info)
        self._bar.advance(score)
        self._announce("training_step", info=info)
        progress.losses, progress.unscored = {}, False
        self._save_state()

    def _save_state(self) -> None:
        if self.output is None or not self.settings.own.checkpoint:
            return
        assert self.batches is not None
        self.progress.seconds = perf_counter() - self._started
        save_checkpoint(
            self.output,
            self.nlp,
            self.optimizer,
            self.progress,
            self.batches.position,
            frozen=self.frozen,
            config=self.config,
        )

    # The end

    def _where_saved(self) -> str:
        assert self.models is not None
        score, step = max(self.progress.results)
        best = f"the best model (step {step}, score {score:.4f}) is {self.models.best}"
        return f"Training has ended: {best}, the last {self.models.last}"

    def _finish(self) -> None:
        if self.models is not None:
            self.models.save(self.nlp, self.optimizer.averages, is_best=False)
            self._save_state()
            self._say("\u2714", self._where_saved())

    def _interrupted(self) -> None:
        """Save what there is after Ctrl-C. The step in progress has been ended."""
        self._ending = f"Stopped by hand after step {self.progress.step}."
        models = self.models
        if models is not None and self.progress.step >= 0 and (models.are_ours or not models.any_there()):
            models.save(self.nlp, self.optimizer.averages, is_best=False)
            self._save_state()

    def _how_to_resume(self) -> str:
        if self.models is None:
            return "Training was stopped. There is no output folder, so nothing was saved."
        if not self.models.are_ours:
            text = f"Training was stopped before it saved anything; {self.output} is as it was."
            self._say("\u26a0", text)
            return text
        best = f"The best model: {self.models.best}; the last: " if self.models.best.is_dir() else "The last model: "
        how = "To go on, run the same command with --resume." if self.settings.own.checkpoint else ""
        text = f"Training was stopped after step {self.progress.step}. {best}{self.models.last}. {how}"
        self._say("\u26a0", text)
        return text

    def _failed(self, error: Exception) -> None:
        self._ending = f"Broken off after step {self.progress.step}: {error}"
        if self.models is not None and self.models.are_ours:
            what = f"Training ended with {type(error).__name__}. What was saved before is whole: "
            self._say("\u26a0", what + " and ".join(str(p) for p in (self.models.best, self.models.last) if p.is_dir()))

    def _report(self) -> None:
        if self.journal is None or self.journal.is_new or not self.settings.own.report or self.output is None:
            return
        from .report import write_report

        try:
            title = f"{self.nlp.meta['lang']}_{self.nlp.meta['name']}"
            write_report(self.output, title=title, config=self.config, ending=self._ending)
        except Exception as error:  # a page to look at is not worth a run
            warnings.warn(f"The report could not be written: {error!r}", SpanwrightWarning, stacklevel=2)

    # Words

    def _introduce(self, resume: bool) -> None:
        learners = [name for name, _ in learning(self.nlp, self.frozen)]
        others = {
            "learning": learners,
            "frozen": [name for name in self.nlp.component_names if name in self.frozen],
            "annotating": [name for name in self.nlp.pipe_names if name in self.annotating],
        }
        roles = "; ".join(f"{role}: {', '.join(names)}" for role, names in others.items() if names)
        self._say("\u2139", f"{' > '.join(self.nlp.pipe_names)} ({roles})")
        self._say("\u2139", f"The learn rate begins at {learn_rate_of(self.optimizer):g}")
        if resume:
            self._say("\u2139", f"Going on after step {self.progress.step} (epoch {self.progress.epoch})")
        elif self.models is not None and (found := self.models.describe_earlier()):
            self._say(
                "\u26a0",
                f"{found} To keep that run, stop now and name another --output; to go on with it, "
                "stop and add --resume.",
            )

    def _say(self, sign: str, text: str) -> None:
        encoding = getattr(self.stdout, "encoding", None) or "utf8"
        try:
            sign.encode(encoding)
        except (UnicodeError, LookupError):
            sign = "!" if sign == "\u26a0" else "i"
        self.stdout.write(f"{sign} {text}\n")

    def _announce(self, hook: str, **arguments: Any) -> None:
        announce(hook, nlp=self.nlp, **arguments)


def learn_rate_of(optimizer: Any) -> float:
    """The learn rate now, of an optimizer of either thinc."""
    rate = optimizer.learn_rate
    return float(rate(optimizer.step, key=(0, ""), last_score=optimizer.last_score) if callable(rate) else rate)


def _shortened(text: str, width: int = 60) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."
