import { defaultObject } from '../../api/defaults/index.ts'
import { asDecoded } from '../../api/validation/created.ts'
import { validateObject } from '../../api/validation/index.ts'
import { logicFamily } from '../family.ts'
import { withRecordedKind } from '../recorded-kind.ts'

/** What is wrong with an object on create; recorded where privileged containers are not allowed. */
export const validation = logicFamily('validation', (object: Parameters<typeof withRecordedKind>[0]) => ({
  errors: validateObject(defaultObject(asDecoded(withRecordedKind(object))), { isPrivilegedAllowed: false }),
}))
