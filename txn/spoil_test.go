package txn_test

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// spoil changes everything that a request leads to: texts, bytes, maps and lists, however deep.
func spoil(in *dynamodb.TransactWriteItemsInput) { spoilValue(reflect.ValueOf(in)) }

func spoilValue(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			spoilValue(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				spoilValue(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoilValue(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			spoilValue(v.MapIndex(key))
			v.SetMapIndex(key, reflect.Value{})
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString("spoilt")
		}
	case reflect.Uint8:
		if v.CanSet() {
			v.SetUint(255 - v.Uint())
		}
	}
}
