/** A failure of Node's TLS; what it is told with depends on the failure. */
type TlsError = Error & {
  readonly code?: unknown;
  /** Of ERR_TLS_CERT_ALTNAME_INVALID: what the broker showed. */
  readonly cert?: { readonly subjectaltname?: string; readonly subject?: { readonly CN?: string } };
  readonly host?: string;
};

const authority =
  "it is not signed by an authority that we trust: put the authority's certificate into secrets and name it in tls.ca";

/** Codes of OpenSSL's verification (verify(1ssl)) as Node names them. */
const verification: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: authority,
  SELF_SIGNED_CERT_IN_CHAIN: authority,
  UNABLE_TO_GET_ISSUER_CERT: authority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: authority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: authority,
  CERT_HAS_EXPIRED: 'it has ended: tell whoever runs the broker, and check the clock of this gateway',
  CERT_NOT_YET_VALID: 'it does not hold yet: check the clock of this gateway',
};

/** Alerts by which a broker turns us away (RFC 8446, 6.2), as OpenSSL names them. */
const alerts: readonly (readonly [RegExp, string])[] = [
  [
    /ALERT_CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE/,
    'it may want a client certificate: name one in tls.certificate and tls.key',
  ],
  [
    /ALERT_CERTIFICATE_EXPIRED/,
    'it says that our certificate has ended: renew the files of tls.certificate and tls.key',
  ],
  [/ALERT_CERTIFICATE_REVOKED/, 'it says that our certificate was revoked'],
  [
    /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE)/,
    'it does not accept our certificate: is it from the authority that the broker trusts?',
  ],
];

/** What a failure of TLS means and what to do; null when it is none. */
export function tlsFault(error: TlsError | undefined): string | null {
  const code = typeof error?.code === 'string' ? error.code : '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = error?.cert?.subjectaltname ?? error?.cert?.subject?.CN ?? 'nobody';
    return `its certificate is for ${names}, not for ${error?.host}: correct the address, or name one of these in tls.serverName`;
  }
  const said = verification[code];
  if (said !== undefined) return `its certificate is refused (${code}): ${said}`;
  const alert = alerts.find(([pattern]) => pattern.test(code));
  if (alert !== undefined) return `${alert[1]} (${code})`;
  return /^ERR_SSL_|^EPROTO$/.test(code) ? `TLS failed (${code}): is this the port for TLS?` : null;
}
