import { BOOL, DURATION, INT32, INT64, STRING, listOf, mapOf, named, objectOf } from './field-type.ts'
import type { FieldType, ObjectType } from './field-type.ts'

const resources = listOf(objectOf('v1.ResourceSpec', { name: STRING, weight: INT64 }))
const shape = listOf(objectOf('v1.UtilizationShapePoint', { utilization: INT32, score: INT32 }))

const labelRequirement = objectOf('v1.LabelSelectorRequirement', {
  key: STRING,
  operator: named('v1.LabelSelectorOperator'),
  values: listOf(STRING),
})

const labelSelector = objectOf('v1.LabelSelector', {
  matchLabels: mapOf(STRING),
  matchExpressions: listOf(labelRequirement),
})

const spreadConstraint = objectOf('v1.TopologySpreadConstraint', {
  maxSkew: INT32,
  topologyKey: STRING,
  whenUnsatisfiable: named('v1.UnsatisfiableConstraintAction'),
  labelSelector,
  minDomains: INT32,
  nodeAffinityPolicy: named('v1.NodeInclusionPolicy'),
  nodeTaintsPolicy: named('v1.NodeInclusionPolicy'),
  matchLabelKeys: listOf(STRING),
})

const nodeRequirement = objectOf('v1.NodeSelectorRequirement', {
  key: STRING,
  operator: named('v1.NodeSelectorOperator'),
  values: listOf(STRING),
})

const nodeTerm = objectOf('v1.NodeSelectorTerm', {
  matchExpressions: listOf(nodeRequirement),
  matchFields: listOf(nodeRequirement),
})

const nodeAffinity = objectOf('v1.NodeAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: objectOf('v1.NodeSelector', {
    nodeSelectorTerms: listOf(nodeTerm),
  }),
  preferredDuringSchedulingIgnoredDuringExecution: listOf(
    objectOf('v1.PreferredSchedulingTerm', { weight: INT32, preference: nodeTerm }),
  ),
})

/**
 * Fields of the arguments of kube-scheduler's plugins; a plugin that is not here takes none, or is a user's own.
 *
 * Source: Kubernetes v1.37, kube-scheduler/config/v1/types_pluginargs.go.
 */
export const ARGUMENT_FIELDS: Readonly<Record<string, ObjectType>> = {
  DefaultPreemption: argumentsOf('DefaultPreemptionArgs', {
    minCandidateNodesPercentage: INT32,
    minCandidateNodesAbsolute: INT32,
  }),
  InterPodAffinity: argumentsOf('InterPodAffinityArgs', {
    hardPodAffinityWeight: INT32,
    ignorePreferredTermsOfExistingPods: BOOL,
  }),
  NodeAffinity: argumentsOf('NodeAffinityArgs', { addedAffinity: nodeAffinity }),
  NodeResourcesBalancedAllocation: argumentsOf('NodeResourcesBalancedAllocationArgs', { resources }),
  NodeResourcesFit: argumentsOf('NodeResourcesFitArgs', {
    ignoredResources: listOf(STRING),
    ignoredResourceGroups: listOf(STRING),
    scoringStrategy: objectOf('v1.ScoringStrategy', {
      type: named('v1.ScoringStrategyType'),
      resources,
      requestedToCapacityRatio: objectOf('v1.RequestedToCapacityRatioParam', { shape }),
    }),
  }),
  PodTopologySpread: argumentsOf('PodTopologySpreadArgs', {
    defaultConstraints: listOf(spreadConstraint),
    defaultingType: named('v1.PodTopologySpreadConstraintsDefaulting'),
  }),
  VolumeBinding: argumentsOf('VolumeBindingArgs', { bindTimeoutSeconds: INT64, shape }),
  DynamicResources: argumentsOf('DynamicResourcesArgs', {
    filterTimeout: DURATION,
    bindingTimeout: DURATION,
  }),
}

function argumentsOf(name: string, fields: Readonly<Record<string, FieldType>>): ObjectType {
  return objectOf(`v1.${name}`, { apiVersion: STRING, kind: STRING, ...fields })
}
