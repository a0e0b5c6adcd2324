import { formatDuration } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Recorder } from '../report/recorder.ts'
import type { ActionSource } from '../scenario/action.ts'
import { actionObject } from './actions/start-actions.ts'

/** The name that a controller gave a pod, in the words of who refused it. */
const POD_NAME = /pods? "[^"]*"/i

/** Pods that controllers cannot create are events and warnings, once for each owner and reason. */
export function noteRefusedPods(api: ApiServer, recorder: Recorder, warnings: string[]): void {
  const told = new Set<string>()
  api.onRefusedPod(({ kind, key }, message) => {
    const line = `${kind} ${key} cannot create a pod: ${message}`
    const reason = line.replace(POD_NAME, '')
    if (told.has(reason)) return
    told.add(reason)
    recorder.note({ kind: 'FailedCreate', object: key, node: '', reason: kind, message })
    warnings.push(line)
  })
}

/** An action in the events of the run, and what it could not do in the warnings. */
export function noteAction(
  recorder: Recorder,
  warnings: string[],
  done: { readonly action: ActionSource; readonly problems: readonly string[]; readonly message: string },
): void {
  const { action, problems } = done
  const object = actionObject(action)
  const message = [done.message, ...problems].filter((part) => part !== '').join('; ')
  recorder.note({ kind: 'Action', object, node: '', reason: action.verb, message })
  const at = formatDuration(action.at)
  warnings.push(...problems.map((problem) => `${action.verb} at ${at}: ${problem}`))
}
