package codec_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/schema"
)

type (
	avMap = map[string]types.AttributeValue
	avs   = []types.AttributeValue
	avS   = types.AttributeValueMemberS
	avN   = types.AttributeValueMemberN
	avB   = types.AttributeValueMemberB
	avL   = types.AttributeValueMemberL
	avM   = types.AttributeValueMemberM
	avSS  = types.AttributeValueMemberSS
	avNS  = types.AttributeValueMemberNS
	avBS  = types.AttributeValueMemberBS
)

func avNull() types.AttributeValue       { return &types.AttributeValueMemberNULL{Value: true} }
func avBool(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

type (
	title    string
	level    int8
	blob     []byte
	octet    uint8
	stamp    time.Time
	strange  map[celsius]level
	numerals []attributevalue.Number
)

// celsius is a map key by its text.
type celsius struct{ Degrees int }

func (c celsius) MarshalText() ([]byte, error) { return []byte(strconv.Itoa(c.Degrees) + "C"), nil }

func (c *celsius) UnmarshalText(text []byte) (err error) {
	c.Degrees, err = strconv.Atoi(strings.TrimSuffix(string(text), "C"))
	return err
}

// money has its own encoding, by value.
type money struct {
	Cents    int64
	Currency string
}

func (m money) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if m == (money{}) {
		return avNull(), nil
	}
	return &avS{Value: strconv.FormatInt(m.Cents, 10) + " " + m.Currency}, nil
}

func (m *money) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) (err error) {
	*m = money{}
	if _, ok := av.(*types.AttributeValueMemberNULL); ok {
		return nil
	}
	s, ok := av.(*avS)
	if !ok {
		return errors.New("money is a string")
	}
	cents, currency, _ := strings.Cut(s.Value, " ")
	m.Currency = currency
	m.Cents, err = strconv.ParseInt(cents, 10, 64)
	return err
}

// Base and the others are embedded.
type Base struct {
	ID      string
	Created time.Time `dynamodbav:"created"`
}

type Trait struct {
	Color string
	Depth *int
}

type hidden struct{ Shown int }

type inner struct {
	Street string    `dynamodbav:"street"`
	Number int       `dynamodbav:"number,omitempty"`
	Since  time.Time `dynamodbav:"since,unixtime"`
	Tags   []string  `dynamodbav:"tags,stringset"`
	Deep   *deeper   `dynamodbav:"deep"`
}

type deeper struct {
	At   time.Time
	Many []time.Time
	By   map[string]*time.Time
	Void struct{}
}

// everything has every kind with every option that fits it.
type everything struct {
	Base
	*Trait
	hidden

	Str         string
	StrOmit     string `dynamodbav:",omitempty"`
	StrNull     title  `dynamodbav:"str_null,nullempty"`
	Int         int
	Level       level
	Int64Omit   int64 `dynamodbav:",omitempty"`
	IntText     int32 `dynamodbav:",string"`
	Uint8       uint8
	Uint64Null  uint64 `dynamodbav:",nullempty"`
	UintText    uint16 `dynamodbav:",string,omitempty"`
	Float       float64
	Float32     float32
	FloatText   float64 `dynamodbav:",string"`
	FloatOmit   float64 `dynamodbav:",omitempty"`
	Bool        bool
	BoolOmit    bool `dynamodbav:",omitempty"`
	BoolNull    bool `dynamodbav:",nullempty"`
	Time        time.Time
	TimeOmit    time.Time `dynamodbav:",omitempty"`
	TimeNull    time.Time `dynamodbav:",nullempty"`
	Unix        time.Time `dynamodbav:",unixtime"`
	UnixOmit    time.Time `dynamodbav:",unixtime,omitempty"`
	Stamp       stamp
	Stamps      []stamp
	Numeral     attributevalue.Number
	JSON        json.Number `dynamodbav:",omitempty"`
	JSONText    json.Number `dynamodbav:",string"`
	Bytes       []byte
	Blob        blob `dynamodbav:",omitempty"`
	ByteArray   [4]byte
	List        []string
	ListOmit    []int64     `dynamodbav:",omitempty"`
	Elems       []string    `dynamodbav:",omitemptyelem"`
	NullElems   []int       `dynamodbav:",nullemptyelem"`
	Pointers    []*bool     `dynamodbav:"ptrs"`
	OmitPtrs    []*int      `dynamodbav:",omitempty,omitemptyelem"`
	Nested      [][]string  `dynamodbav:"nested"`
	Blobs       []blob      `dynamodbav:"blobs"`
	ListOfSets  [][][]byte  `dynamodbav:"list_of_sets"`
	Array       [3]int      `dynamodbav:"array"`
	Names       []title     `dynamodbav:"names,stringset"`
	StrSet      []string    `dynamodbav:"str_set,stringset,omitempty"`
	TimeSet     []time.Time `dynamodbav:"time_set,stringset"`
	IntSet      []int       `dynamodbav:"int_set,numberset"`
	NumSet      numerals    `dynamodbav:"num_set,numberset"`
	FloatSet    []float32   `dynamodbav:"float_set,numberset"`
	Binaries    [][]byte    `dynamodbav:"binaries"`
	BlobSet     []blob      `dynamodbav:"blob_set,binaryset"`
	Map         map[string]string
	MapOmit     map[title]int `dynamodbav:",omitempty"`
	MapElems    map[string]int64
	MapNull     map[string]string `dynamodbav:",nullemptyelem"`
	ByInt       map[int64][]byte
	ByUint      map[uint8]*string
	ByBool      map[bool]float64
	ByFloat     map[float64]int
	Strange     strange
	Pointer     *int
	PointerOmit *string  `dynamodbav:",omitempty"`
	Double      **int    `dynamodbav:"double"`
	PointerText *int     `dynamodbav:"pointer_text,string"`
	ToUnix      *stamp   `dynamodbav:"to_unix,unixtime"`
	ToList      *[]int   `dynamodbav:"to_list"`
	ToSet       *[]title `dynamodbav:"to_set,stringset"`
	Inner       inner
	InnerPtr    *inner `dynamodbav:",omitempty"`
	Inners      []inner
	InnerPtrs   []*inner
	ByName      map[string]inner
	ByNamePtr   map[string]*inner
	Any         any
	Anys        []any
	AnyMap      map[string]any
	Money       money
	MoneyOmit   money `dynamodbav:",omitempty"`
	MoneyPtr    *money
	Moneys      []money
	MoneyMap    map[string]money
	AWSTime     attributevalue.UnixTime
	Skipped     chan int `dynamodbav:"-"`
}

// maker makes random values. A tame one keeps to those that survive a round trip; what doc.go says about the others has tests
// of its own.
type maker struct {
	*rapid.T
	tame bool
}

func makeEverything(t *rapid.T, tame bool) *everything {
	out := new(everything)
	maker{t, tame}.structure(reflect.ValueOf(out).Elem())
	return out
}

func (m maker) structure(v reflect.Value) {
	s, err := schema.StructOf(v.Type())
	if err != nil {
		m.Fatal(err)
	}
	trait := m.flip()
	for _, f := range s.Fields {
		if len(f.Index) > 1 && v.Field(f.Index[0]).Kind() == reflect.Pointer {
			if !trait {
				continue
			}
			if p := v.Field(f.Index[0]); p.IsNil() {
				p.Set(reflect.New(p.Type().Elem()))
			}
		}
		m.value(v.FieldByIndex(f.Index), f.Tag)
	}
}

func (m maker) flip() bool { return rapid.Bool().Draw(m.T, "flip") }

func (m maker) size(least int) int { return rapid.IntRange(least, 3).Draw(m.T, "size") }

func (m maker) value(v reflect.Value, tag schema.Tag) {
	switch v.Interface().(type) {
	case money:
		v.Set(reflect.ValueOf(money{rapid.Int64().Draw(m.T, "cents"), rapid.SampledFrom([]string{"EUR", "USD"}).Draw(m.T, "currency")}))
		return
	case attributevalue.UnixTime:
		v.Set(reflect.ValueOf(attributevalue.UnixTime(time.Unix(m.seconds(), 0))))
		return
	case attributevalue.Number, json.Number:
		v.SetString(rapid.StringMatching(`-?[1-9][0-9]{0,20}\.[0-9]{1,15}[1-9](e-?[1-9][0-9]?)?`).Draw(m.T, "number"))
		return
	}
	if schema.IsTime(v.Type()) {
		m.time(v, tag)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(rapid.OneOf(rapid.Just(""), rapid.String()).Draw(m.T, "string"))
	case reflect.Bool:
		v.SetBool(m.flip())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64()).Draw(m.T, "int")
		shift := 64 - v.Type().Bits()
		v.SetInt(n << shift >> shift)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n := rapid.OneOf(rapid.Just(uint64(0)), rapid.Uint64()).Draw(m.T, "uint")
		shift := 64 - v.Type().Bits()
		v.SetUint(n << shift >> shift)
	case reflect.Float32, reflect.Float64:
		m.float(v)
	case reflect.Interface:
		if x := m.any(2); x != nil {
			v.Set(reflect.ValueOf(x))
		}
	case reflect.Pointer:
		m.pointer(v, tag)
	case reflect.Struct:
		m.structure(v)
	case reflect.Array:
		for i := range v.Len() {
			m.value(v.Index(i), schema.Tag{})
		}
	case reflect.Slice:
		m.slice(v, tag)
	case reflect.Map:
		m.dictionary(v, tag)
	}
}

func (m maker) seconds() int64 {
	return rapid.Int64Range(-62167219200, 253402300799).Draw(m.T, "seconds")
}

func (m maker) time(v reflect.Value, tag schema.Tag) {
	t := time.Time{}
	if m.flip() {
		t = time.Unix(m.seconds(), rapid.Int64Range(0, 999999999).Draw(m.T, "nanoseconds")).UTC()
		if tag.UnixTime && m.tame {
			t = t.Truncate(time.Second)
		}
	}
	v.Set(reflect.ValueOf(t).Convert(v.Type()))
}

func (m maker) float(v reflect.Value) {
	if v.Kind() == reflect.Float32 {
		v.SetFloat(float64(rapid.Float32Range(-3e38, 3e38).Draw(m.T, "float32")))
		return
	}
	x := rapid.Float64Range(-1e125, 1e125).Draw(m.T, "float")
	if math.Abs(x) < 1e-130 {
		x = 0
	}
	v.SetFloat(x)
}

func (m maker) pointer(v reflect.Value, tag schema.Tag) {
	if m.flip() {
		return
	}
	v.Set(reflect.New(v.Type().Elem()))
	m.value(v.Elem(), tag)
	if m.tame && isNilable(v.Elem()) && v.Elem().IsNil() {
		v.SetZero() // a pointer to nil comes back as nil
	}
}

func isNilable(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return true
	}
	return false
}

func elemTag(tag schema.Tag) schema.Tag {
	return schema.Tag{OmitEmpty: tag.OmitEmptyElem, OmitEmptyElem: tag.OmitEmptyElem, NullEmpty: tag.NullEmptyElem}
}

func (m maker) slice(v reflect.Value, tag schema.Tag) {
	if m.flip() {
		return
	}
	set := tag.Set != schema.NoSet || v.Type() == reflect.TypeFor[[][]byte]()
	least := 0
	if set && m.tame {
		least = 1
	}
	n := m.size(least)
	seen := map[any]bool{}
	v.Set(reflect.MakeSlice(v.Type(), 0, n))
	for range n {
		elem := reflect.New(v.Type().Elem()).Elem()
		m.value(elem, elemTag(tag))
		if set {
			if isNilable(elem) && elem.IsNil() {
				elem.SetBytes([]byte{1})
			}
			identity := setIdentity(elem)
			if seen[identity] {
				continue
			}
			seen[identity] = true
		}
		if m.tame && tag.OmitEmptyElem && elem.IsZero() {
			continue
		}
		v.Set(reflect.Append(v, elem))
	}
}

func setIdentity(elem reflect.Value) any {
	switch {
	case elem.Kind() == reflect.Slice:
		return string(elem.Bytes())
	case elem.CanFloat() && elem.Float() == 0:
		return 0.0
	}
	return elem.Interface()
}

func (m maker) dictionary(v reflect.Value, tag schema.Tag) {
	if m.flip() {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for range m.size(0) {
		key := reflect.New(v.Type().Key()).Elem()
		m.value(key, schema.Tag{})
		if key.Kind() == reflect.String && key.Len() == 0 {
			key.SetString("k")
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		m.value(elem, elemTag(tag))
		if m.tame && tag.OmitEmptyElem && elem.IsZero() {
			continue
		}
		v.SetMapIndex(key, elem)
	}
}

// any makes what decoding into an interface gives.
func (m maker) any(depth int) any {
	kinds := 7
	if depth > 0 {
		kinds = 9
	}
	switch rapid.IntRange(0, kinds).Draw(m.T, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.String().Draw(m.T, "string")
	case 2:
		return attributevalue.Number(strconv.Itoa(rapid.Int().Draw(m.T, "number")))
	case 3:
		return m.flip()
	case 4:
		return []byte(rapid.String().Draw(m.T, "bytes"))
	case 5:
		return [][]byte{{1}, {2, 3}}
	case 6:
		if m.tame {
			return "tame"
		}
		return rapid.Int64().Draw(m.T, "int64")
	case 7:
		if m.tame {
			return "tame"
		}
		return &inner{Street: "any"}
	case 8:
		list := make([]any, m.size(0))
		for i := range list {
			list[i] = m.any(depth - 1)
		}
		return list
	}
	out := map[string]any{}
	for range m.size(0) {
		out["k"+rapid.String().Draw(m.T, "key")] = m.any(depth - 1)
	}
	return out
}
