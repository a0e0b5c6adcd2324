import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressTLS,
} from '../types.generated.ts'
import { items, text, whole } from './absent.ts'
import { parseAddress } from './addresses.ts'
import { invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { listValue } from './go-shapes.ts'
import { requireTexts } from './legacy-volumes.ts'
import { validateObjectMeta } from './metadata.ts'
import {
  dns1123Subdomain,
  labelName,
  portName,
  portNumber,
  subdomainName,
  wildcardSubdomain,
} from './names.ts'

const CLASS = 'kubernetes.io/ingress.class'
const SEQUENCES = ['//', '/./', '/../', '%2f', '%2F']
const SUFFIXES = ['/..', '/.']
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']

/** An Ingress on create. Source: Kubernetes v1.37, networking/validation `ValidateIngressCreate`. */
export function validateIngress({ metadata, spec = {} }: Ingress): FieldErrors {
  const { defaultBackend, ingressClassName } = spec
  const rules = items(spec.rules)
  const isEmpty = rules.length === 0 && defaultBackend === undefined
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...(isEmpty
      ? [invalid('spec', listValue(rules), 'either `defaultBackend` or `rules` must be specified')]
      : []),
    ...(defaultBackend === undefined ? [] : backendErrors(defaultBackend, 'spec.defaultBackend')),
    ...rules.flatMap((rule, index) => ruleErrors(rule, `spec.rules[${index}]`)),
    ...items(spec.tls).flatMap((tls, index) => tlsErrors(tls, `spec.tls[${index}]`)),
    ...(ingressClassName === undefined
      ? []
      : invalidEach('spec.ingressClassName', ingressClassName, subdomainName(ingressClassName, false))),
    ...classErrors(metadata?.annotations?.[CLASS], ingressClassName),
  ]
}

function classErrors(annotation: string | undefined, name: string | undefined): FieldErrors {
  if (annotation === undefined || name === undefined || annotation === name) return []
  return [
    invalid(`annotations.${CLASS}`, annotation, 'must match `ingressClassName` when both are specified'),
  ]
}

function ruleErrors({ host = '', http }: IngressRule, path: string): FieldErrors {
  const isAddress = host !== '' && parseAddress(host) !== undefined
  const paths = items(http?.paths)
  return [
    ...(isAddress ? [invalid(`${path}.host`, host, 'must be a DNS name, not an IP address')] : []),
    ...(host === '' ? [] : hostErrors(host, `${path}.host`)),
    ...(http !== undefined && paths.length === 0 ? [required(`${path}.http.paths`)] : []),
    ...paths.flatMap((one, index) => pathErrors(one, `${path}.http.paths[${index}]`)),
  ]
}

function hostErrors(host: string, path: string): FieldErrors {
  return invalidEach(path, host, host.includes('*') ? wildcardSubdomain(host) : dns1123Subdomain(host))
}

function pathErrors({ pathType, path: given = '', backend }: HTTPIngressPath, path: string): FieldErrors {
  const place = `${path}.path`
  if (text(pathType) === '') return [required(`${path}.pathType`)]
  const isKnown = PATH_TYPES.includes(pathType)
  const isLiteral = pathType === 'Exact' || pathType === 'Prefix'
  const needsSlash = isKnown && !given.startsWith('/') && (isLiteral || given !== '')
  return [
    ...(isKnown ? [] : [notSupported(`${path}.pathType`, pathType, PATH_TYPES)]),
    ...(needsSlash ? [invalid(place, given, 'must be an absolute path')] : []),
    ...(isLiteral ? literalErrors(given, place) : []),
    ...backendErrors(backend ?? {}, `${path}.backend`),
  ]
}

function literalErrors(given: string, path: string): FieldErrors {
  return [
    ...SEQUENCES.filter((sequence) => given.includes(sequence)).map((sequence) =>
      invalid(path, given, `must not contain '${sequence}'`),
    ),
    ...SUFFIXES.filter((suffix) => given.endsWith(suffix)).map((suffix) =>
      invalid(path, given, `cannot end with '${suffix}'`),
    ),
  ]
}

function backendErrors({ resource, service }: IngressBackend, path: string): FieldErrors {
  if (resource !== undefined && service !== undefined) {
    return [invalid(path, '', 'cannot set both resource and service backends')]
  }
  if (resource !== undefined) return requireTexts(resource, ['kind', 'name'], `${path}.resource`)
  if (service === undefined) return [invalid(path, '', 'resource or service backend is required')]
  return serviceErrors(service, path)
}

function serviceErrors({ name, port }: IngressServiceBackend, path: string): FieldErrors {
  const given = text(name)
  const place = `${path}.service`
  return [
    ...(given === ''
      ? [required(`${place}.name`)]
      : invalidEach(`${place}.name`, given, labelName(given, false))),
    ...portErrors(text(port?.name), whole(port?.number), path),
  ]
}

function portErrors(name: string, number: number, path: string): FieldErrors {
  if (name !== '' && number !== 0) return [invalid(path, '', 'cannot set both port name & port number')]
  if (name !== '') return invalidEach(`${path}.service.port.name`, name, portName(name))
  if (number !== 0) return invalidEach(`${path}.service.port.number`, number, portNumber(number))
  return [required(path, 'port name or number is required')]
}

function tlsErrors({ hosts, secretName = '' }: IngressTLS, path: string): FieldErrors {
  return [
    ...items(hosts).flatMap((host, index) => hostErrors(host, `${path}.hosts[${index}]`)),
    ...(secretName === ''
      ? []
      : invalidEach(`${path}.secretName`, secretName, subdomainName(secretName, false))),
  ]
}
