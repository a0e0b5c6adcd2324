import { parseInt64 } from './tolerations.ts'
import type {
  LabelSelector,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
} from './types.generated.ts'

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>

/** Whether labels match; made once from a selector, asked many times. */
export type LabelPredicate = (labels: Labels) => boolean

/** One requirement on labels, as selectors of labels and of nodes write it. */
export interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

const matchesNothing: LabelPredicate = () => false

/**
 * The predicate of a label selector: an absent selector matches nothing, an empty one everything.
 *
 * Source: Kubernetes v1.37, apimachinery `metav1.LabelSelectorAsSelector`.
 */
export function compileLabelSelector(selector: LabelSelector | undefined): LabelPredicate {
  if (selector === undefined) return matchesNothing
  const equal = Object.entries(selector.matchLabels ?? {})
  const requirements = (selector.matchExpressions ?? []).map(compileRequirement)
  return (labels) =>
    equal.every(([key, value]) => labels[key] === value) && requirements.every((holds) => holds(labels))
}

/** The predicate of a map of labels: all of them, with these values. */
export function compileLabelMap(map: Labels): LabelPredicate {
  const entries = Object.entries(map)
  return (labels) => entries.every(([key, value]) => labels[key] === value)
}

/** What a node selector looks at: the node's labels and its name. */
export type NodePredicate = (labels: Labels, name: string) => boolean

/**
 * The predicate of one term of a node selector: all its expressions and fields; a term without any matches nothing.
 *
 * Source: Kubernetes v1.37, component-helpers/scheduling/corev1/nodeaffinity.
 */
export function compileNodeSelectorTerm(term: NodeSelectorTerm): NodePredicate {
  const expressions = (term.matchExpressions ?? []).map(compileRequirement)
  const fields = (term.matchFields ?? []).map(compileField)
  if (expressions.length + fields.length === 0) return matchesNothing
  return (labels, name) => expressions.every((holds) => holds(labels)) && fields.every((holds) => holds(name))
}

/** The predicate of a node selector: one of its terms. */
export function compileNodeSelector(selector: NodeSelector): NodePredicate {
  const terms = selector.nodeSelectorTerms.map(compileNodeSelectorTerm)
  return (labels, name) => terms.some((matches) => matches(labels, name))
}

function compileField(requirement: NodeSelectorRequirement): (name: string) => boolean {
  const [value] = requirement.values ?? []
  if (requirement.key !== 'metadata.name' || requirement.values?.length !== 1) return () => false
  switch (requirement.operator) {
    case 'In':
      return (name) => name === value
    case 'NotIn':
      return (name) => name !== value
    default:
      return () => false
  }
}

/** The predicate of one requirement: NotIn and DoesNotExist hold for absent labels; Gt and Lt need integers on both sides. */
export function compileRequirement(requirement: Requirement): LabelPredicate {
  const { key, operator } = requirement
  const values = new Set(requirement.values ?? [])
  switch (operator) {
    case 'In':
      return (labels) => {
        const value = labels[key]
        return value !== undefined && values.has(value)
      }
    case 'NotIn':
      return (labels) => {
        const value = labels[key]
        return value === undefined || !values.has(value)
      }
    case 'Exists':
      return (labels) => labels[key] !== undefined
    case 'DoesNotExist':
      return (labels) => labels[key] === undefined
    case 'Gt':
    case 'Lt': {
      const bound = parseInt64([...values][0] ?? '')
      if (bound === undefined || values.size !== 1) return matchesNothing
      return (labels) => {
        const value = parseInt64(labels[key] ?? '')
        if (value === undefined) return false
        return operator === 'Gt' ? value > bound : value < bound
      }
    }
    default:
      return matchesNothing
  }
}
