import type { LogicFamily } from '../family.ts'
import { admissionPlugins } from './admission-plugins.ts'
import { defaulting } from './defaulting.ts'
import { limitranger } from './limitranger.ts'
import { quota } from './quota.ts'
import { validation } from './validation.ts'

/** All families of recorded logic that stowage answers, by name. */
export const LOGIC_FAMILIES: readonly LogicFamily[] = [
  admissionPlugins,
  defaulting,
  limitranger,
  quota,
  validation,
]
