import type { LogicFamily } from '../family.ts'
import { daemonSetNodes } from './daemonset-nodes.ts'
import { statefulSet } from './statefulset.ts'

/** All families of recorded logic that stowage answers, by name. */
export const LOGIC_FAMILIES: readonly LogicFamily[] = [daemonSetNodes, statefulSet]
