// Package rest serves Kafka Connect's REST API over a [runtime.Worker]: the routes, status codes, JSON shapes and error
// texts of Kafka Connect 4.3, taken from a running one, so that its tools and scripts work unchanged.
//
// It is not where connectors run, and it keeps no state but when the log level was set.
//
// What differs, on purpose:
//
//   - A body that is missing, no JSON, or JSON of the wrong shape is answered 400 with what is wrong and where; Connect
//     answers 500 with a Java exception's text.
//   - Options that are not known are refused with 400; Connect ignores them.
//   - Bodies are bounded: 413.
//   - A worker that is still starting answers 503; Connect lets the request wait, and then answers 500.
//   - A connector whose name has a slash is reached by %2F; in Connect it can be created and never reached again.
//   - PATCH does not rename: a name that differs from the URL's is refused as it is by PUT.
//   - PUT …/config/validate hides passwords, and takes the class from the path where the configuration has none.
//   - GET …/tasks-config, which Kafka Connect 4 no longer has, is answered.
//
// Configurations are returned as they were given, as Connect does: a password written into one is shown by GET, one given
// as ${file:…} or ${env:…} is shown as that reference. Nothing of a configuration is ever logged.
package rest
