// Package javatext writes numbers as Java's toString does, which is what Kafka Connect's converters put into text. Nothing
// here allocates, but for decimals of more than 300 digits.
//
// Floating point numbers are in the shortest form, as Double.toString and Float.toString specify since JDK 19.
package javatext
