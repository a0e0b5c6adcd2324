/** Domain and path of images that are named without (containerd, distribution/reference `ParseDockerRef`). */
const DEFAULT_DOMAIN = 'docker.io'
const OFFICIAL = 'library'

/** The full name of an image: with its registry, and with the tag `latest` where it has neither tag nor digest. */
export function fullImageName(image: string): string {
  const [first = '', ...others] = image.split('/')
  const hasDomain = others.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const path = hasDomain
    ? image
    : others.length > 0
      ? `${DEFAULT_DOMAIN}/${image}`
      : `${DEFAULT_DOMAIN}/${OFFICIAL}/${image}`
  return hasTag(path) ? path : `${path}:latest`
}

/**
 * When an image is pulled that a container does not say it of: always for the tag `latest`, else when it is not there.
 *
 * Source: Kubernetes v1.37, apis/core/v1/defaults.go `SetDefaults_Container`.
 */
export function pullPolicyOf(image: string, policy: string | undefined): 'Always' | 'IfNotPresent' | 'Never' {
  if (policy === 'Always' || policy === 'IfNotPresent' || policy === 'Never') return policy
  return fullImageName(image).endsWith(':latest') ? 'Always' : 'IfNotPresent'
}

function hasTag(name: string): boolean {
  return name.includes('@') || name.slice(name.lastIndexOf('/')).includes(':')
}
