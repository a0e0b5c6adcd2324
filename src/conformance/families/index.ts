import type { LogicFamily } from '../family.ts'

/** All families of recorded logic that stowage answers, by name. */
export const LOGIC_FAMILIES: readonly LogicFamily[] = []
