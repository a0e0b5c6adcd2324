import type { LogicFamily } from '../family.ts'
import { evictionConfig } from './eviction-config.ts'
import { evictionRank } from './eviction-rank.ts'
import { evictionSync } from './eviction-sync.ts'

/** All families of recorded logic that stowage answers, by name. */
export const LOGIC_FAMILIES: readonly LogicFamily[] = [evictionConfig, evictionRank, evictionSync]
