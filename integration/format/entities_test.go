package format

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
)

// account has every role, and a guard for each kind of unique field.
type account struct {
	_ struct{} `entity:"Account" pk:"TENANT#{Tenant}" sk:"ACCOUNT#{ID}"`
	_ struct{} `index:"gsi1" pk:"TENANT#{Tenant}#STATUS#{Status}" sk:"{Created}#{ID}" when:"Status=active|trial"`

	Tenant  string    `dynamodbav:"tenant"`
	ID      string    `dynamodbav:"id"`
	Status  string    `dynamodbav:"status" repo:"required"`
	Email   string    `dynamodbav:"email" repo:"unique=Tenant+Email,fold"`
	Number  int       `dynamodbav:"number" repo:"unique"`
	Phone   string    `dynamodbav:"phone,omitempty" repo:"unique"`
	Joined  time.Time `dynamodbav:"joined" repo:"unique=Home.City+Joined"`
	Origin  string    `dynamodbav:"origin,omitempty" repo:"immutable"`
	Home    address   `dynamodbav:"home"`
	Created time.Time `dynamodbav:"created" repo:"created"`
	Updated time.Time `dynamodbav:"updated" repo:"updated"`
	Version int64     `dynamodbav:"version" repo:"version"`
}

type address struct {
	City string `dynamodbav:"city"`
	Zip  string `dynamodbav:"zip,omitempty"`
}

// texts has the verbs of strings, bools, binaries and types with a text of their own.
type texts struct {
	_ struct{} `entity:"Texts" pk:"S#{S}" sk:"ID#{ID}"`
	_ struct{} `index:"gsi1" pk:"FOLD#{S|fold}" sk:"{ID|fold}#END"`
	_ struct{} `index:"gsi2" pk:"RAW#{S|raw}" sk:"{S|raw|fold}"`
	_ struct{} `index:"gsi3" pk:"OR#{Maybe|or=NONE}" sk:"{Maybe|fold|or=NONE}"`
	_ struct{} `index:"gsi4" pk:"RAWOR#{Maybe|raw|or=NO NAME}" sk:"{Pointer|or=NIL}"`
	_ struct{} `index:"gsi5" pk:"LOUD#{Loud}" sk:"{Loud|fold}#{Loud|raw}"`
	_ struct{} `index:"gsi6" pk:"BINARY#{Binary}" sk:"{Array}"`
	_ struct{} `index:"gsi7" pk:"BOOL#{Bool}" sk:"{Bool|desc}"`
	_ struct{} `index:"gsi8" pk:"NESTED#{Home.City}" sk:"{Named}"`
	_ struct{} `index:"gsi9" pk:"FLAG#{Flag|or=UNKNOWN}" sk:"{Flag|desc|or=UNKNOWN}"`

	S       string  `dynamodbav:"s"`
	ID      string  `dynamodbav:"id"`
	Maybe   string  `dynamodbav:"maybe"`
	Pointer *string `dynamodbav:"pointer"`
	Loud    loud    `dynamodbav:"loud"`
	Binary  []byte  `dynamodbav:"binary"`
	Array   [4]byte `dynamodbav:"array"`
	Bool    bool    `dynamodbav:"bool"`
	Flag    *bool   `dynamodbav:"flag"`
	Home    address `dynamodbav:"home"`
	Named   named   `dynamodbav:"named"`
}

type named string

// loud has a text of its own, which keys must escape.
type loud string

func (l loud) MarshalText() ([]byte, error)     { return []byte(strings.ToUpper(string(l)) + " #1!"), nil }
func (l *loud) UnmarshalText(text []byte) error { *l = loud(text); return nil }

// numbers has the verbs of integers.
type numbers struct {
	_ struct{} `entity:"Numbers" pk:"I64#{I64}" sk:"{I64|desc}"`
	_ struct{} `index:"gsi1" pk:"I8#{I8}" sk:"{I8|desc}"`
	_ struct{} `index:"gsi2" pk:"I32#{I32}" sk:"{I32|desc}"`
	_ struct{} `index:"gsi3" pk:"INT#{Int}" sk:"{Int|desc}"`
	_ struct{} `index:"gsi4" pk:"U8#{U8}" sk:"{U8|desc}"`
	_ struct{} `index:"gsi5" pk:"U64#{U64}" sk:"{U64|desc}"`
	_ struct{} `index:"gsi6" pk:"PAD#{U32|pad=10}" sk:"{U32|pad=10|desc}"`
	_ struct{} `index:"gsi7" pk:"PAD20#{U64|pad=20}" sk:"{U64|pad=20|desc}"`
	_ struct{} `index:"gsi8" pk:"PLAIN#{I64|plain}" sk:"{U64|plain}"`
	_ struct{} `index:"gsi9" pk:"OR#{Maybe|or=NONE}" sk:"{Maybe|desc|or=NONE}"`
	_ struct{} `index:"gsi10" pk:"OTHER#{Maybe|plain|or=NONE}" sk:"{Count}"`

	I64   int64  `dynamodbav:"i64"`
	I8    int8   `dynamodbav:"i8"`
	I32   int32  `dynamodbav:"i32"`
	Int   int    `dynamodbav:"int"`
	U8    uint8  `dynamodbav:"u8"`
	U32   uint32 `dynamodbav:"u32"`
	U64   uint64 `dynamodbav:"u64"`
	Maybe *int16 `dynamodbav:"maybe"`
	Count count  `dynamodbav:"count"`
}

type count uint16

// times has the verbs of times.
type times struct {
	_ struct{} `entity:"Times" pk:"AT#{At}" sk:"{At|desc}"`
	_ struct{} `index:"gsi1" pk:"MONTH#{At|month}" sk:"{At|month|desc}"`
	_ struct{} `index:"gsi2" pk:"DAY#{At|day}" sk:"{At|day|desc}"`
	_ struct{} `index:"gsi3" pk:"HOUR#{At|hour}" sk:"{At|hour|desc}"`
	_ struct{} `index:"gsi4" pk:"UNIX#{At|unix}" sk:"{At|unix|desc}"`
	_ struct{} `index:"gsi5" pk:"UNIXPAD#{Late|unix|pad=12}" sk:"{Late|unix|pad=12|desc}"`
	_ struct{} `index:"gsi6" pk:"UNIXPLAIN#{At|unix|plain}" sk:"{Seconds}"`
	_ struct{} `index:"gsi7" pk:"OR#{Maybe|or=NEVER}" sk:"{Maybe|day|or=NEVER}#{Maybe|unix|or=NEVER}"`
	_ struct{} `index:"gsi8" pk:"STAMP#{Stamp}" sk:"{Stamp|desc}"`

	At      time.Time `dynamodbav:"at"`
	Late    time.Time `dynamodbav:"late"`
	Seconds time.Time `dynamodbav:"seconds,unixtime"`
	Maybe   time.Time `dynamodbav:"maybe"`
	Stamp   stamp     `dynamodbav:"stamp"`
}

type stamp time.Time

// shards has its values in buckets of every kind.
type shards struct {
	_ struct{} `entity:"Shards" pk:"S#{S}" sk:"SHARDS"`
	_ struct{} `index:"gsi1" pk:"2#{S|shard=2}" sk:"{S}"`
	_ struct{} `index:"gsi2" pk:"3#{S|shard=3}" sk:"{S}"`
	_ struct{} `index:"gsi3" pk:"10#{S|shard=10}" sk:"{S}"`
	_ struct{} `index:"gsi4" pk:"16#{S|shard=16}" sk:"{S}"`
	_ struct{} `index:"gsi5" pk:"101#{S|shard=101}" sk:"{S}"`
	_ struct{} `index:"gsi6" pk:"1000#{S|shard=1000}" sk:"{S}"`
	_ struct{} `index:"gsi7" pk:"INT#{Int|shard=16}" sk:"{S}"`
	_ struct{} `index:"gsi8" pk:"UINT#{Uint|shard=16}" sk:"{S}"`
	_ struct{} `index:"gsi9" pk:"TIME#{Time|shard=16}" sk:"{S}"`
	_ struct{} `index:"gsi10" pk:"BOOL#{Bool|shard=16}" sk:"{S}"`
	_ struct{} `index:"gsi11" pk:"BINARY#{Binary|shard=16}" sk:"{S}"`
	_ struct{} `index:"gsi12" pk:"LOUD#{Loud|shard=16}" sk:"{S}"`

	S      string    `dynamodbav:"s"`
	Int    int       `dynamodbav:"int"`
	Uint   uint8     `dynamodbav:"uint"`
	Time   time.Time `dynamodbav:"time"`
	Bool   bool      `dynamodbav:"bool"`
	Binary []byte    `dynamodbav:"binary"`
	Loud   loud      `dynamodbav:"loud"`
}

// native has keys that are its fields' own attributes.
type native struct {
	_ struct{} `entity:"Native" hash:"Device" range:"At"`
	_ struct{} `index:"gsi1" hash:"Game,Country" range:"Points,Device"`
	_ struct{} `index:"gsi2" pk:"GAME#{Game}" range:"Binary"`

	Device  string `dynamodbav:"device"`
	At      int64  `dynamodbav:"at"`
	Game    string `dynamodbav:"game,omitempty"`
	Country string `dynamodbav:"country,omitempty"`
	Points  int    `dynamodbav:"points"`
	Binary  []byte `dynamodbav:"binary,omitempty"`
}

// values has an attribute of every kind.
type values struct {
	_ struct{} `entity:"Values" pk:"VALUES#{ID}" sk:"VALUES"`

	ID       string                `dynamodbav:"id"`
	Bool     bool                  `dynamodbav:"bool"`
	Int      int64                 `dynamodbav:"int"`
	Uint     uint64                `dynamodbav:"uint"`
	Float    float64               `dynamodbav:"float"`
	Single   float32               `dynamodbav:"single"`
	Number   attributevalue.Number `dynamodbav:"number"`
	Quoted   int                   `dynamodbav:"quoted,string"`
	Binary   []byte                `dynamodbav:"binary"`
	Array    [3]byte               `dynamodbav:"array"`
	Time     time.Time             `dynamodbav:"time"`
	Seconds  time.Time             `dynamodbav:"seconds,unixtime"`
	Pointer  *string               `dynamodbav:"pointer"`
	List     []int                 `dynamodbav:"list"`
	Pair     [2]string             `dynamodbav:"pair"`
	Map      map[string]int        `dynamodbav:"map"`
	Keys     map[int]bool          `dynamodbav:"keys"`
	Struct   address               `dynamodbav:"struct"`
	Structs  []address             `dynamodbav:"structs"`
	Strings  []string              `dynamodbav:"strings,stringset"`
	Numbers  []int                 `dynamodbav:"numbers,numberset"`
	Binaries [][]byte              `dynamodbav:"binaries,binaryset"`
	Text     loud                  `dynamodbav:"text"`
	Any      any                   `dynamodbav:"any"`
	Empty    string                `dynamodbav:"empty"`
	Null     string                `dynamodbav:"null,nullempty"`
	Left     string                `dynamodbav:"left,omitempty"`
	Elements []*string             `dynamodbav:"elements"`
	Embedded
}

// Embedded is promoted.
type Embedded struct {
	Deep string `dynamodbav:"deep"`
}

// visit is in the bucket of its day, in one of four shards.
type visit struct {
	_ struct{} `entity:"Visit" pk:"VISITS#{At|day}#{ID|shard=4}" sk:"{At}#{ID}"`
	_ struct{} `index:"gsi1" pk:"PAGE#{Page}" sk:"{Clicks|pad=6|desc}#{At}"`
	_ struct{} `index:"gsi2" pk:"BOARD#{ID|shard=4}" range:"Clicks"`

	At     time.Time `dynamodbav:"at"`
	ID     string    `dynamodbav:"id"`
	Page   string    `dynamodbav:"page"`
	Clicks int       `dynamodbav:"clicks"`
	Gone   time.Time `dynamodbav:"gone,unixtime,omitempty" repo:"ttl"`
}

// site has values that are unique among less than its partition key leads with, and among other fields behind the first.
type site struct {
	_ struct{} `entity:"Site" pk:"TENANT#{Tenant}#REGION#{Region}" sk:"SITE#{ID}"`

	Tenant string `dynamodbav:"tenant"`
	Region string `dynamodbav:"region"`
	ID     string `dynamodbav:"id"`
	Team   string `dynamodbav:"team"`
	Name   string `dynamodbav:"name" repo:"unique=Tenant+Region+Name"`
	Code   string `dynamodbav:"code" repo:"unique=Tenant+Team+Code"`
	Path   string `dynamodbav:"path" repo:"unique=Tenant+Region+Team+Path"`
	Mark   string `dynamodbav:"mark" repo:"unique=Team+Tenant+Mark"`
}

// purchase is what an order was called at first.
type purchase struct {
	_ struct{} `entity:"Purchase" pk:"CUSTOMER#{Customer}" sk:"ORDER#{ID}"`
	_ struct{} `index:"gsi1" pk:"STATUS#{Status}" sk:"{ID}"`

	Customer string `dynamodbav:"customer"`
	ID       string `dynamodbav:"id"`
	Status   string `dynamodbav:"state"`
	Code     string `dynamodbav:"code" repo:"unique"`
}

// order is what it is called now.
type order struct {
	_ struct{} `entity:"Order,was=Purchase" pk:"CUSTOMER#{Customer}" sk:"ORDER#{ID}"`
	_ struct{} `index:"gsi1" pk:"STATUS#{Status}" sk:"{ID}"`

	Customer string `dynamodbav:"customer"`
	ID       string `dynamodbav:"id"`
	Status   string `dynamodbav:"status" repo:"was=state"`
	Code     string `dynamodbav:"code" repo:"unique"`
}
