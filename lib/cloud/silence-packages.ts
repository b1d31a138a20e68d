/**
 * Keeps the packages that the SDKs bring along from printing requests, tokens and signatures included.
 *
 * They do so where `DEBUG` names them, as `DEBUG=*` does; the variable is read once, when they are loaded, so
 * this comes before the first of them is.
 */
export function silencePackages(): void {
  delete process.env.DEBUG;
}
