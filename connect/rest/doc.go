// Package rest serves Kafka Connect's REST API over a [runtime.Worker]: the routes, status codes, JSON shapes and error texts
// of Kafka Connect 4.3, so that its tools and scripts work unchanged.
// https://docs.confluent.io/platform/current/connect/references/restapi.html
//
// It is not where connectors run, and it keeps no state but log levels' times.
//
// What differs, on purpose:
//
//   - A body that is no JSON, or JSON of the wrong shape, is answered 400 with what is wrong and where; Connect answers 500
//     with a Java exception's text.
//   - Options that are not known are refused with 400; Connect ignores them.
//   - Bodies are bounded.
//
// Configurations are returned as they were given, as Connect does: a password written into one is shown by GET, one given
// as ${file:…} or ${env:…} is shown as that reference. Nothing of a configuration is ever logged.
package rest
