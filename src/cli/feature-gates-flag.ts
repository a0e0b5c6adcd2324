import { InputError } from '../base/errors.ts'
import { resolveFeatureGates } from '../scenario/feature-gates.ts'
import type { KubernetesVersion } from '../scenario/feature-gates.ts'

const FLAG = '--feature-gates'

/** Truth values as Go's `strconv.ParseBool` takes them. */
const TRUTHS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false])),
}

/**
 * Reads `Name=true,Other=false`, the form that Kubernetes' own flag has, and checks that the version has these gates.
 *
 * Throws `InputError` for another form, an unknown or locked gate, and a gate whose need is off.
 */
export function readFeatureGates(
  lists: readonly string[],
  version: KubernetesVersion,
): Readonly<Record<string, boolean>> {
  const asked = readGatePairs(lists)
  resolveFeatureGates(version, asked, (_gate, message, hint) => refuse(message, hint))
  return asked
}

/** Reads the pairs without asking whether there are such gates. Throws `InputError` for another form. */
export function readGatePairs(lists: readonly string[]): Readonly<Record<string, boolean>> {
  const asked: Record<string, boolean> = {}
  for (const pair of lists.flatMap((list) => list.split(','))) {
    const text = pair.trim()
    if (text === '') continue
    const at = text.indexOf('=')
    if (at < 0) refuse(`${JSON.stringify(text)} is no pair`, 'expected Name=true or Name=false')
    const value = TRUTHS[text.slice(at + 1).trim()]
    if (value === undefined) refuse(`${JSON.stringify(text)} sets no truth value`, 'expected true or false')
    asked[text.slice(0, at).trim()] = value
  }
  return asked
}

function refuse(message: string, hint?: string): never {
  throw new InputError({ field: FLAG, message, ...(hint === undefined ? {} : { hint }) })
}
