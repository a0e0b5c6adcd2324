/** The parts of an image's name by which its version is known. */
export interface ImageReference {
  /** `latest` when the name says neither tag nor digest; empty with a digest alone. */
  readonly tag: string
  /** Such as `sha256:…`; empty when the name says none. */
  readonly digest: string
}

const NAME_LENGTH_MAX = 255
const DOMAIN_PART = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const PATH_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
const FORM = new RegExp(
  `^(${DOMAIN}/${PATH_PART}(?:/${PATH_PART})*)(?::(\\w[\\w.-]{0,127}))?(?:@(${DIGEST}))?$`,
)
/** Digits of the digests that can be checked. */
const DIGEST_DIGITS: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
])

/**
 * Reads the name of a container image; undefined when it is none.
 *
 * Source: Kubernetes v1.37, util/parsers `ParseImageName`, on the grammar of distribution/reference: a name without a domain is
 * one of docker.io.
 */
export function parseImageReference(image: string): ImageReference | undefined {
  if (/^[a-f0-9]{64}$/.test(image)) return undefined
  const full = withDomain(image)
  const match = FORM.exec(full)
  if (match === null) return undefined
  const [, name = '', tag = '', digest = ''] = match
  if (name.length > NAME_LENGTH_MAX || !isKnownDigest(digest)) return undefined
  return { tag: tag === '' && digest === '' ? 'latest' : tag, digest }
}

/** The name with the domain of its registry: what stands before the first slash, if it looks like one. */
function withDomain(image: string): string {
  const slash = image.indexOf('/')
  const first = slash < 0 ? '' : image.slice(0, slash)
  const isDomain = /[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first
  if (isDomain) return image
  return `docker.io/${slash < 0 ? 'library/' : ''}${image}`
}

function isKnownDigest(digest: string): boolean {
  if (digest === '') return true
  const [algorithm = '', digits = ''] = digest.split(':')
  return DIGEST_DIGITS.get(algorithm) === digits.length && /^[a-f0-9]+$/.test(digits)
}
