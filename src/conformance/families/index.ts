import type { LogicFamily } from '../family.ts'
import { pdb } from './pdb.ts'

/** All families of recorded logic that stowage answers, by name. */
export const LOGIC_FAMILIES: readonly LogicFamily[] = [pdb]
