import { SingleBar } from 'cli-progress'

import { formatDuration, SECOND } from '../base/time.ts'
import type { RunProgress } from '../run/play.ts'
import type { CommandIo } from './io.ts'

/** Wall-clock time between two plain lines of progress, in milliseconds. */
const LINE_EVERY_MS = 10_000

/** Shows how far a run is. */
export interface ProgressView {
  update(progress: RunProgress): void
  stop(): void
}

/** A bar on a terminal, a line every ten seconds elsewhere. */
export function shownProgress(io: CommandIo): ProgressView {
  return io.isTerminal ? barView() : lineView(io)
}

function barView(): ProgressView {
  const started = process.hrtime.bigint()
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {clock} simulated | {rate} events/s | {pods} pods | {left}',
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  })
  let isStarted = false
  return {
    update(progress) {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9
      const share = shareOf(progress)
      const payload = {
        clock: formatDuration(Math.floor(progress.now / SECOND) * SECOND),
        rate: Math.round(progress.events / Math.max(seconds, 0.001)).toLocaleString('en'),
        pods: progress.podsSubmitted.toLocaleString('en'),
        left: leftText(progress, share, seconds),
      }
      if (!isStarted) bar.start(1000, 0, payload)
      isStarted = true
      bar.update(Math.round(share * 1000), payload)
    },
    stop() {
      if (isStarted) bar.stop()
    },
  }
}

function lineView(io: CommandIo): ProgressView {
  const started = process.hrtime.bigint()
  let shownAt = 0
  return {
    update(progress) {
      const elapsedMs = Number(process.hrtime.bigint() - started) / 1e6
      if (elapsedMs - shownAt < LINE_EVERY_MS) return
      shownAt = elapsedMs
      const share = shareOf(progress)
      const percent = Math.floor(share * 100)
      const rate = Math.round((progress.events / elapsedMs) * 1000)
      const clock = formatDuration(Math.floor(progress.now / SECOND) * SECOND)
      io.stderr.write(
        `${percent}% | ${clock} simulated | ${rate} events/s | ${progress.podsSubmitted} pods | ${leftText(progress, share, elapsedMs / 1000)}\n`,
      )
    },
    stop: () => undefined,
  }
}

/** Wall-clock time left at the speed so far; pods left once all have arrived: how long those run is not known. */
function leftText(progress: RunProgress, share: number, seconds: number): string {
  const running = progress.podsSubmitted - progress.podsFinished
  if (share >= 1 && progress.until === undefined) return `${running.toLocaleString('en')} pods to finish`
  return share >= 0.005 ? `${Math.ceil((seconds * (1 - share)) / share)} s left` : '… left'
}

/** By simulated time where the run has an end, else by bytes of the traces whose tasks have arrived. */
function shareOf(progress: RunProgress): number {
  if (progress.until !== undefined && progress.until > 0) return Math.min(1, progress.now / progress.until)
  return progress.bytesTotal === 0 ? 0 : Math.min(1, progress.bytesDone / progress.bytesTotal)
}

/** Work that is a number of steps, one after another. */
export interface StepsProgress {
  readonly done: number
  readonly total: number
  /** What is being done. */
  readonly text: string
}

/** Shows how far work of several steps is: a bar on a terminal; elsewhere a line a step and every ten seconds. */
export function stepsView(io: CommandIo): { update(progress: StepsProgress): void; stop(): void } {
  return io.isTerminal ? stepsBar() : stepsLines(io)
}

function stepsBar(): { update(progress: StepsProgress): void; stop(): void } {
  const bar = new SingleBar({
    format: '{bar} {value}/{total} | {text}',
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  })
  let isStarted = false
  return {
    update({ done, total, text }) {
      if (!isStarted) bar.start(total, done, { text })
      isStarted = true
      bar.update(done, { text })
    },
    stop() {
      if (isStarted) bar.stop()
      isStarted = false
    },
  }
}

function stepsLines(io: CommandIo): { update(progress: StepsProgress): void; stop(): void } {
  const started = process.hrtime.bigint()
  let shownAt = 0
  let shownStep = -1
  return {
    update({ done, total, text }) {
      const elapsedMs = Number(process.hrtime.bigint() - started) / 1e6
      if (done === shownStep && elapsedMs - shownAt < LINE_EVERY_MS) return
      shownAt = elapsedMs
      shownStep = done
      io.stderr.write(`${done + 1}/${total} ${text}\n`)
    },
    stop: () => undefined,
  }
}

/** Width of a line that is written over. */
const LINE = 79
/** Least wall-clock time between two states of it, in milliseconds. */
const STATE_EVERY_MS = 100

/** Shows in words what is being done where nobody knows how much there is to do: a line that is written over on a terminal, a line every ten seconds elsewhere. */
export function wordsView(io: CommandIo): { update(text: string): void; stop(): void } {
  let shownAt = process.hrtime.bigint()
  let isShown = false
  return {
    update(text) {
      const now = process.hrtime.bigint()
      const elapsedMs = Number(now - shownAt) / 1e6
      if (elapsedMs < (io.isTerminal ? STATE_EVERY_MS : LINE_EVERY_MS)) return
      shownAt = now
      isShown = true
      io.stderr.write(io.isTerminal ? `\r${text.slice(0, LINE).padEnd(LINE)}\r` : `${text}\n`)
    },
    stop() {
      if (isShown && io.isTerminal) io.stderr.write(`\r${' '.repeat(LINE)}\r`)
    },
  }
}

/** Least wall-clock time between two lines of progress of many runs, in milliseconds. */
const RUNS_EVERY_MS = 2000

/** Shows how many of many runs are done, how fast they go and how long the rest takes; the text names the last one done. */
export function runsView(io: CommandIo): { update(progress: StepsProgress): void; stop(): void } {
  const started = process.hrtime.bigint()
  const bar = io.isTerminal ? stepsBar() : undefined
  let shownAt = -RUNS_EVERY_MS
  let before: number | undefined
  return {
    update({ done, total, text }) {
      const elapsedMs = Number(process.hrtime.bigint() - started) / 1e6
      // What earlier commands had done says nothing of how fast it goes.
      before ??= done - 1
      const rate = (done - before) / Math.max(elapsedMs / 1000, 0.001)
      const left = Math.ceil((total - done) / rate)
      const words = `${rate.toFixed(rate < 10 ? 1 : 0)} runs/s | ${left} s left | ${text}`
      if (bar !== undefined) bar.update({ done, total, text: words })
      else if (elapsedMs - shownAt >= RUNS_EVERY_MS || done === total) {
        shownAt = elapsedMs
        io.stderr.write(`${done}/${total} | ${words}\n`)
      }
    },
    stop: () => bar?.stop(),
  }
}
