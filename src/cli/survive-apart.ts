import type { Survival } from '../plan/survive.ts'
import { commandWords } from './command-words.ts'
import { toldByProcess } from './told-by-process.ts'

/** Flags of the command that its shares are given anew. */
const SHARED_OUT: ReadonlySet<string> = new Set(['--survive', '--jobs'])

/**
 * Answers a question in several processes of this program, each of which tries a share of the losses. They find the rest of
 * the cluster each for itself: that is one run more for each of them. Undefined when it was interrupted.
 */
export async function surviveApart(
  question: string,
  jobs: number,
  program: readonly string[],
  signal: AbortSignal,
): Promise<Survival | undefined> {
  const argv = commandWords(process.argv.slice(2))
  const words = argv.filter((word, index) => !SHARED_OUT.has(word) && !SHARED_OUT.has(argv[index - 1] ?? ''))
  const { joined } = await import('../plan/survive.ts')
  const shares = Array.from({ length: jobs }, (_, index) =>
    toldByProcess<Survival>(
      [...program, ...words, '--survive', question, '--share', `${index}/${jobs}`],
      'a share of the losses',
      signal,
    ),
  )
  try {
    return joined(await Promise.all(shares))
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}
