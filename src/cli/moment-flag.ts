import { InputError } from '../base/errors.ts'
import { parseDuration } from '../base/time.ts'
import type { Moment } from '../plan/packing/static-workload.ts'

/** What `--at` and `--all-pods` say of the moment whose pods are looked at. */
export function momentOf(at: string | undefined, allPods: boolean | undefined): Moment {
  if (at === undefined) return { kind: allPods === true ? 'all' : 'peak' }
  if (allPods === true) throw new InputError({ field: '--at', message: 'excludes --all-pods' })
  return { kind: 'at', at: parseDuration(at, '--at') }
}
