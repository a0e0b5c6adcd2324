import type { DeviceClass } from './types.generated.ts'

/** With a class's name after it, the resource name by which pods ask for its devices without more being said. */
export const DEVICE_CLASS_PREFIX = 'deviceclass.resource.kubernetes.io/'

/** Names of the extended resources that a class of devices stands for. */
export function resourcesOfClass({ metadata, spec }: DeviceClass): readonly string[] {
  const implied = DEVICE_CLASS_PREFIX + (metadata?.name ?? '')
  return spec?.extendedResourceName === undefined ? [implied] : [implied, spec.extendedResourceName]
}
