import type { FeatureGates } from '../framework/plugin-factory.ts'
import type { ExtensionPoint } from './resolved.ts'

/** A plugin that a profile enables. */
export interface EnabledPlugin {
  readonly name: string
  /** 0 or absent: 1. */
  readonly weight?: number
}

/** A plugin of every profile; while its feature gate is off, of none that does not name it. */
interface DefaultPlugin extends EnabledPlugin {
  readonly gate?: string
}

/**
 * The plugins that a profile has without saying anything, in the order in which they run.
 *
 * Source: Kubernetes v1.37, scheduler/apis/config/v1/default_plugins.go in which plugins behind
 * feature gates that are off do nothing.
 */
const DEFAULT_PLUGINS: readonly DefaultPlugin[] = [
  { name: 'SchedulingGates' },
  { name: 'PrioritySort' },
  { name: 'NodeName' },
  { name: 'NodeUnschedulable' },
  { name: 'TaintToleration', weight: 3 },
  { name: 'NodeAffinity', weight: 2 },
  { name: 'NodePorts' },
  { name: 'NodeResourcesFit', weight: 1 },
  { name: 'VolumeRestrictions' },
  { name: 'NodeVolumeLimits' },
  { name: 'VolumeBinding' },
  { name: 'VolumeZone' },
  { name: 'PodTopologySpread', weight: 2 },
  { name: 'InterPodAffinity', weight: 2 },
  { name: 'DynamicResources', weight: 2 },
  { name: 'DefaultPreemption' },
  { name: 'NodeResourcesBalancedAllocation', weight: 1 },
  { name: 'ImageLocality', weight: 1 },
  { name: 'DefaultBinder' },
  { name: 'NodeDeclaredFeatures', gate: 'NodeDeclaredFeatures' },
  { name: 'GangScheduling' },
  { name: 'TopologyPlacementGenerator' },
  { name: 'PodGroupPodsCount', weight: 1 },
]

/** The default plugins under these feature gates; a gate that is not in the map is on. */
export function defaultPlugins(gates: FeatureGates): readonly EnabledPlugin[] {
  return DEFAULT_PLUGINS.filter(({ gate }) => gate === undefined || gates.get(gate) !== false)
}

/**
 * At which extension points a plugin of kube-scheduler acts: what `multiPoint` enables it for. A plugin that is not
 * here, a user's own, is taken at every point; the profile keeps those at which it has something to do.
 *
 * Source: Kubernetes v1.37, the interfaces that each plugin implements; those of scheduler-plugins that sort the queue are here, too.
 */
export const PLUGIN_POINTS: Readonly<Record<string, readonly ExtensionPoint[]>> = {
  SchedulingGates: ['preEnqueue'],
  PrioritySort: ['queueSort'],
  NodeName: ['preFilter', 'filter'],
  NodeUnschedulable: ['filter'],
  TaintToleration: ['filter', 'preScore', 'score'],
  NodeAffinity: ['preFilter', 'filter', 'preScore', 'score'],
  NodePorts: ['preFilter', 'filter'],
  NodeResourcesFit: ['preFilter', 'filter', 'preScore', 'score', 'placementScore'],
  VolumeRestrictions: ['preFilter', 'filter'],
  NodeVolumeLimits: ['preFilter', 'filter'],
  VolumeBinding: ['preFilter', 'filter', 'reserve', 'preBind', 'preScore', 'score'],
  VolumeZone: ['preFilter', 'filter'],
  PodTopologySpread: ['preFilter', 'filter', 'preScore', 'score'],
  InterPodAffinity: ['preFilter', 'filter', 'preScore', 'score'],
  DynamicResources: ['preEnqueue', 'preFilter', 'filter', 'postFilter', 'reserve', 'preBind', 'score'],
  DefaultPreemption: ['postFilter', 'podGroupPostFilter'],
  NodeResourcesBalancedAllocation: ['preScore', 'score'],
  ImageLocality: ['score'],
  DefaultBinder: ['bind'],
  NodeDeclaredFeatures: ['preFilter', 'filter'],
  GangScheduling: ['preEnqueue', 'placementFeasible'],
  TopologyPlacementGenerator: ['placementGenerate'],
  PodGroupPodsCount: ['placementScore'],
  Coscheduling: ['queueSort', 'preFilter', 'postFilter', 'permit', 'reserve'],
}

/** Points at which the contract of a user's plugin has nothing to say. */
const FOREIGN_POINTS: readonly ExtensionPoint[] = ['queueSort', 'bind']

/** Whether a plugin acts at an extension point when `multiPoint` enables it. */
export function actsAt(plugin: string, point: ExtensionPoint): boolean {
  return PLUGIN_POINTS[plugin]?.includes(point) ?? !FOREIGN_POINTS.includes(point)
}
