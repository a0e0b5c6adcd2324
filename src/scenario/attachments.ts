import { MINUTE } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ScenarioReader } from './reader.ts'
import { duration, object } from './schema-parts.ts'
import type { JsonSchema } from './schema-parts.ts'

/** What a scenario says of the attachment of volumes to nodes. */
export interface AttachmentSetting {
  readonly maxWaitForUnmount: Micros
  readonly disableForceDetach: boolean
}

/** `spec.attachments`. */
export const attachmentSettings: JsonSchema = {
  ...object({
    maxWaitForUnmount: {
      ...duration,
      description: 'how long a volume stays on a node that does not say that it is unmounted; 6m by default',
    },
    disableForceDetach: {
      type: 'boolean',
      description: 'whether it stays there for ever, as --disable-force-detach-on-timeout has it; false',
    },
  }),
  description: 'the attach-detach controller',
}

/** Reads `spec.attachments`. */
export function attachmentSetting(reader: ScenarioReader): AttachmentSetting {
  const at = ['spec', 'attachments']
  return {
    maxWaitForUnmount: reader.duration([...at, 'maxWaitForUnmount'], 6 * MINUTE),
    disableForceDetach: reader.flag([...at, 'disableForceDetach'], false),
  }
}
