import { invalid, invalidEach, required, tooLong } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { dns1123Label, dns1123Subdomain, subdomainName } from './names.ts'
import { quote } from './go-text.ts'
import type { NameCheck } from './names.ts'

const DOMAIN_LENGTH_MAX = 253
const SIGNER_LENGTH_MAX = DOMAIN_LENGTH_MAX + 253 + 63 + 2

/**
 * The name of a signer: a domain and a path.
 *
 * Source: Kubernetes v1.37, core/validation `ValidateSignerName`.
 */
export function validateSignerName(name: string, path: string): FieldErrors {
  if (name === '') return [required(path)]
  const [domain = '', rest = '', ...more] = name.split('/')
  if (!name.includes('/') || more.length > 0) {
    return [
      invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"),
    ]
  }
  const labels = domain.split('.')
  const short = 'should be a domain with at least two segments separated by dots'
  return [
    ...(domain.length > DOMAIN_LENGTH_MAX ? [tooLong(path, DOMAIN_LENGTH_MAX)] : []),
    ...labelErrors(domain, labels, dns1123Label, path),
    ...(labels.length < 2 ? [invalid(path, domain, short)] : []),
    ...labelErrors(rest, rest.split('.'), dns1123Subdomain, path),
    ...(name.length > SIGNER_LENGTH_MAX ? [tooLong(path, SIGNER_LENGTH_MAX)] : []),
  ]
}

/** The errors of the first label that has any. */
function labelErrors(value: string, labels: readonly string[], check: NameCheck, path: string): FieldErrors {
  const wrong = labels.find((label) => check(label).length > 0)
  if (wrong === undefined) return []
  return invalidEach(
    path,
    value,
    check(wrong).map((problem) => `validating label ${quote(wrong)}: ${problem}`),
  )
}

/**
 * The name of a bundle of trust: with the name of its signer before it, with colons for slashes, if it has
 * one.
 *
 * Source: Kubernetes v1.37, core/validation `ValidateClusterTrustBundleName`.
 */
export function trustBundleName(name: string): readonly string[] {
  const split = name.lastIndexOf(':')
  return subdomainName(split < 0 ? name : name.slice(split + 1), false)
}
