/** Files that say who calls a node from the command line, each named by a variable of the environment. */
export const OPERATOR_CREDENTIALS = {
  token: 'EDGEKEEPER_OPERATOR_TOKEN_FILE',
  ca: 'EDGEKEEPER_OPERATOR_CA_FILE',
  cert: 'EDGEKEEPER_OPERATOR_CERT_FILE',
  key: 'EDGEKEEPER_OPERATOR_KEY_FILE',
} as const;
