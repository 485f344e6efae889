// Package accesstest makes what tests of access control need: password files, an issuer of tokens whose keys can be changed, and
// an authority for certificates.
package accesstest
