import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '../types.generated.ts'
import { items, text } from './absent.ts'
import { rangeContains, validateRange } from './addresses.ts'
import { forbidden, invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { listValue } from './go-shapes.ts'
import { validateLabelSelector } from './label-selectors.ts'
import { validateObjectMeta } from './metadata.ts'
import { portName, portNumber, subdomainName } from './names.ts'

const PROTOCOLS = ['TCP', 'UDP', 'SCTP']
const TYPES = ['Ingress', 'Egress']

/** Who may talk to pods. Source: Kubernetes v1.37, networking/validation `ValidateNetworkPolicy`. */
export function validateNetworkPolicy({ metadata, spec }: NetworkPolicy): FieldErrors {
  const policy: Partial<NetworkPolicySpec> = spec ?? {}
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...validateLabelSelector(policy.podSelector, 'spec.podSelector'),
    ...items(policy.ingress).flatMap(({ ports, from }, index) => [
      ...portsErrors(items(ports), `spec.ingress[${index}].ports`),
      ...peersErrors(items(from), `spec.ingress[${index}].from`),
    ]),
    ...items(policy.egress).flatMap(({ ports, to }, index) => [
      ...portsErrors(items(ports), `spec.egress[${index}].ports`),
      ...peersErrors(items(to), `spec.egress[${index}].to`),
    ]),
    ...typeErrors(items(policy.policyTypes), 'spec.policyTypes'),
  ]
}

function typeErrors(types: readonly string[], path: string): FieldErrors {
  if (types.length > TYPES.length) {
    return [invalid(path, listValue(types), 'may not specify more than two policyTypes')]
  }
  return types.flatMap((type, index) =>
    TYPES.includes(type) ? [] : [notSupported(`${path}[${index}]`, type, TYPES)],
  )
}

function portsErrors(ports: readonly NetworkPolicyPort[], path: string): FieldErrors {
  return ports.flatMap(({ protocol, port, endPort }, index) => {
    const place = `${path}[${index}]`
    const isKnown = protocol === undefined || PROTOCOLS.includes(protocol)
    return [
      ...(isKnown ? [] : [notSupported(`${place}.protocol`, protocol, PROTOCOLS)]),
      ...(port === undefined ? [] : portErrors(port, `${place}.port`)),
      ...(endPort === undefined ? [] : endErrors(port, endPort, `${place}.endPort`)),
    ]
  })
}

function portErrors(port: string | number, path: string): FieldErrors {
  return invalidEach(path, port, typeof port === 'number' ? portNumber(port) : portName(port))
}

/** The end of a range of ports needs a number to start from. */
function endErrors(port: string | number | undefined, end: number, path: string): FieldErrors {
  if (port === undefined) return [invalid(path, end, 'may not be specified when `port` is not specified')]
  if (typeof port === 'string') return [invalid(path, end, 'may not be specified when `port` is non-numeric')]
  return [
    ...(end < port ? [invalid(path, port, 'must be greater than or equal to `port`')] : []),
    ...invalidEach(path, end, portNumber(end)),
  ]
}

function peersErrors(peers: readonly NetworkPolicyPeer[], path: string): FieldErrors {
  return peers.flatMap(({ podSelector, namespaceSelector, ipBlock }, index) => {
    const place = `${path}[${index}]`
    const count = [podSelector, namespaceSelector, ipBlock].filter((peer) => peer !== undefined).length
    const isMixed = count > 1 && ipBlock !== undefined
    return [
      ...validateLabelSelector(podSelector, `${place}.podSelector`),
      ...validateLabelSelector(namespaceSelector, `${place}.namespaceSelector`),
      ...(ipBlock === undefined ? [] : blockErrors(ipBlock, `${place}.ipBlock`)),
      ...(count === 0 ? [required(place, 'must specify a peer')] : []),
      ...(isMixed ? [forbidden(place, 'may not specify both ipBlock and another peer')] : []),
    ]
  })
}

function blockErrors({ cidr, except }: IPBlock, path: string): FieldErrors {
  const range = text(cidr)
  if (range === '') return [required(`${path}.cidr`)]
  const errors = validateRange(range, `${path}.cidr`)
  if (errors.length > 0) return errors
  return items(except).flatMap((exception, index) => {
    const place = `${path}.except[${index}]`
    const own = validateRange(exception, place)
    if (own.length > 0 || rangeContains(range, exception)) return own
    return [invalid(place, exception, 'must be a strict subset of `cidr`')]
  })
}
