/** What the flags of the API server decide. */
export interface ClusterRules {
  /** Flag `--allow-privileged`: privileged containers are valid. */
  readonly isPrivilegedAllowed: boolean
  /** Feature gate TaintTolerationComparisonOperators, off by default: tolerations may compare numbers. */
  readonly areComparisonsAllowed: boolean
}
