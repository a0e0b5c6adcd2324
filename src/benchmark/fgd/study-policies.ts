import { InputError } from '../../base/errors.ts'
import { nearestWord } from '../../base/nearest-word.ts'
import { SCHEDULING_POLICIES } from '../../scenario/scheduling-policies.ts'

/** The policies of the study by its names, in its order: the scheduling policies that they are here. */
const STUDY_POLICIES: Readonly<Record<string, string>> = {
  Random: 'Random',
  DotProd: 'GpuDotProduct',
  GpuClustering: 'GpuClustering',
  GpuPacking: 'GpuPacking',
  BestFit: 'GpuBestFit',
  FGD: 'FGD',
}

/** The names of the study's policies. */
export const STUDY_POLICY_NAMES: readonly string[] = Object.keys(STUDY_POLICIES)

/** The scheduling policy that a name of the study, or a name of a policy itself, means. */
export function schedulingPolicyOf(name: string): string {
  return STUDY_POLICIES[name] ?? name
}

/** The policies that a flag means: a list of names, or `all` of the study. Throws `InputError` for one that there is not. */
export function policiesOf(text: string): readonly string[] {
  if (text === 'all') return STUDY_POLICY_NAMES
  const names = text.split(',').map((name) => name.trim())
  const known = [...new Set([...STUDY_POLICY_NAMES, ...Object.keys(SCHEDULING_POLICIES)])]
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) {
      throw new InputError({ field: '--policies', message: `has ${name} twice` })
    }
    if (known.includes(name)) continue
    const nearest = nearestWord(name, known)
    throw new InputError({
      field: '--policies',
      message: `"${name}" is no policy`,
      hint: nearest === undefined ? `expected some of ${known.join(', ')}` : `did you mean ${nearest}?`,
    })
  }
  return names
}
