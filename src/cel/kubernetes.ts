import type { CelLibrary } from './declarations.ts'
import { listLibrary, setLibrary } from './lists.ts'
import { patternLibrary } from './patterns.ts'
import { quantityLibrary } from './quantities.ts'
import { semverLibrary } from './semver.ts'
import { textLibrary } from './texts.ts'

/**
 * What every expression in Kubernetes may use.
 *
 * Source: Kubernetes v1.37, apiserver/pkg/cel/environment `base.go`; without the libraries of URLs, addresses, formats
 * and authorization.
 */
export const KUBERNETES_LIBRARIES: readonly CelLibrary[] = [
  patternLibrary,
  quantityLibrary,
  semverLibrary,
  listLibrary,
  setLibrary,
  textLibrary,
]
