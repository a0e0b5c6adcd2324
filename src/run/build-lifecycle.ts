import { fullImageName } from '../node/images/image-name.ts'
import type { ImageOptions } from '../node/images/image-options.ts'
import type { LifecycleOptions } from '../node/lifecycle/pod-workers.ts'
import type { ImageSetting, KubeletSetting, LifecycleSetting } from '../scenario/lifecycle.ts'

/** The life of pods as a scenario has it. */
export function buildLifecycle({
  rules,
  jobDuration,
  kubelet,
  images,
  runtimes,
}: LifecycleSetting): LifecycleOptions {
  return {
    rules,
    jobDuration,
    crashBackOffMax: kubelet.maxContainerRestartPeriod,
    runtimes,
    images: images === undefined ? undefined : imageOptions(images, kubelet),
  }
}

function imageOptions(images: ImageSetting, kubelet: KubeletSetting): Partial<ImageOptions> {
  const { defaultSize, bandwidth, latency } = images
  const unavailable = new Map<string, ImageSetting['unavailable'][number]['span'][]>()
  for (const { image, span } of images.unavailable) {
    const name = fullImageName(image)
    unavailable.set(name, [...(unavailable.get(name) ?? []), span])
  }
  return {
    ...(defaultSize === undefined ? {} : { defaultSize }),
    ...(bandwidth === undefined ? {} : { bandwidth }),
    ...(latency === undefined ? {} : { latency }),
    sizes: byFullName(images.sizes),
    layers: byFullName(images.layers),
    unavailable,
    disk: images.disk,
    maxParallel: kubelet.serializeImagePulls
      ? 1
      : (kubelet.maxParallelImagePulls ?? Number.POSITIVE_INFINITY),
    qps: kubelet.registryPullQPS,
    burst: kubelet.registryBurst,
    highPercent: kubelet.imageGCHighThresholdPercent,
    lowPercent: kubelet.imageGCLowThresholdPercent,
    minAge: kubelet.imageMinimumGCAge,
  }
}

function byFullName<T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...map].map(([name, value]) => [fullImageName(name), value]))
}
