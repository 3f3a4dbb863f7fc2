// Package codec turns Go values into attributes and back, by plans that are compiled once per type.
package codec
