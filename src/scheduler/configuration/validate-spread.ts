import type { FieldPath, Problems } from './problems.ts'
import { qualifiedNameProblems } from './qualified-name.ts'

type Fields = Readonly<Record<string, unknown>>

const DEFAULTING_TYPES = ['System', 'List']
const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway']

/**
 * Checks PodTopologySpreadArgs.
 *
 * Source: Kubernetes v1.37, scheduler/apis/config/validation `ValidatePodTopologySpreadArgs`.
 */
export function validateSpread(args: Fields, path: FieldPath, problems: Problems): void {
  const given = args['defaultingType'] ?? ''
  const type = given === '' ? 'System' : given
  const constraints = (args['defaultConstraints'] ?? []) as readonly Fields[]
  const typePath = [...path, 'defaultingType']
  if (!DEFAULTING_TYPES.some((known) => known === type)) {
    problems.notSupported(typePath, type, DEFAULTING_TYPES)
  } else if (type === 'System' && constraints.length > 0) {
    problems.invalid(typePath, type, 'when .defaultConstraints are not empty')
  }
  const seen = new Set<string>()
  constraints.forEach((constraint, index) => {
    const at = [...path, 'defaultConstraints', index]
    validateConstraint(constraint, at, problems)
    const pair = `{${String(constraint['topologyKey'] ?? '')}, ${String(constraint['whenUnsatisfiable'] ?? '')}}`
    if (seen.has(pair)) problems.duplicate(at, pair)
    seen.add(pair)
  })
}

function validateConstraint(constraint: Fields, path: FieldPath, problems: Problems): void {
  const maxSkew = Number(constraint['maxSkew'] ?? 0)
  if (maxSkew <= 0) problems.invalid([...path, 'maxSkew'], maxSkew, 'not in valid range (0, inf)')
  const key = String(constraint['topologyKey'] ?? '')
  const keyPath = [...path, 'topologyKey']
  if (key === '') problems.required(keyPath, 'can not be empty')
  else for (const message of qualifiedNameProblems(key)) problems.invalid(keyPath, key, message)
  const action = String(constraint['whenUnsatisfiable'] ?? '')
  const actionPath = [...path, 'whenUnsatisfiable']
  if (action === '') problems.required(actionPath, 'can not be empty')
  else if (!ACTIONS.includes(action)) problems.notSupported(actionPath, action, ACTIONS)
  const selector = constraint['labelSelector']
  if (selector !== undefined && selector !== null) {
    const message = 'constraint must not define a selector, as they deduced for each pod'
    problems.forbidden([...path, 'labelSelector'], message)
  }
}
