import type { LogicFamily } from '../family.ts'
import { defaulting } from './defaulting.ts'
import { limitranger } from './limitranger.ts'
import { quota } from './quota.ts'

/** All families of recorded logic that stowage answers, by name. */
export const LOGIC_FAMILIES: readonly LogicFamily[] = [defaulting, limitranger, quota]
