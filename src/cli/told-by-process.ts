import { spawn } from 'node:child_process'

import { InputError } from '../base/errors.ts'
import { EXIT } from './io.ts'

/**
 * Runs a command in a process of its own and gives what it prints, JSON. Throws `InputError` with what it says is wrong, and an
 * error that `task` names for any other end; the signal ends it.
 */
export function toldByProcess<Told>(
  [command = '', ...words]: readonly string[],
  task: string,
  signal: AbortSignal,
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], signal })
    let out = ''
    let err = ''
    child.stdout.on('data', (part: Buffer) => (out += part.toString('utf8')))
    child.stderr.on('data', (part: Buffer) => (err += part.toString('utf8')))
    child.on('error', reject)
    child.on('close', (status) => {
      if (status === EXIT.done) resolve(JSON.parse(out) as Told)
      else if (status === EXIT.badInput) reject(new InputError({ message: err.trim() }))
      else reject(new Error(`${task} ended with ${status}: ${err.trim()}`))
    })
  })
}
