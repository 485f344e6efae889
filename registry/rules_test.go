package registry_test

import (
	"testing"

	"github.com/millrace/millrace/registry/memlog"
)

// TestRules plays the rules of the state machine, one script each.
func TestRules(t *testing.T) {
	for name, script := range map[string]string{
		"versions and ids": `
			register s A => v1 id1
			register s A => v1 id1
			register s B => v2 id2
			register t B => v1 id2
			register t X => 40901 "for subject "t", details: [{errorType:'TYPE_MISMATCH"
			versions s => 1 2
			get s latest => v2 id2
			get s -1 => v2 id2
			get s LATEST => v2 id2
			get s 3 => 40402
			get s 0 => 42202
			get s 2147483648 => 42202
			get s 9999999999999999999999 => 42202
			get none 1 => 40401
			lookup s A => v1 id1
			lookup s C => 40403
			lookup none A => 40401
			lookup none ! => 42201
			idversions 2 => s/2 t/1
			byid 1 => s v1 id1
			byid 9 => 40403 "Schema 9 not found"
			subjects => s t`,
		"refused subjects": `
			register __GLOBAL A => 42208
			register __EMPTY A => 42208
			register :*:s A => 42208
			register :.__GLOBAL:s A => 42208
			register s A type=XML => 42201 "Invalid schema type XML"
			register s - => 42201 "Empty schema"
			register s ! => 42201 "Invalid schema of type AVRO, details: Invalid schema {subject=s,version=null,id=null,guid="
			subjects => nothing`,
		"an empty text is the last version's": `
			register s A => v1 id1
			register s - => v1 id1
			register s - meta=k~v => v2 id2`,
		"a schema that means the same": `
			register s P1 => v1 id1
			register s P1 => v1 id1
			lookup s P1 => v1 id1`,
		"compatibility": `
			register s A => v1 id1
			compat s X => no {errorType:'TYPE_MISMATCH', description:'The type (path '/fields/0/type') of a field in the new schema does not match with the old schema', additionalInfo:'reader type: STRING not compatible with writer type: INT'} {oldSchemaVersion: 1} {oldSchema: '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}'} {validateFields: 'false', compatibility: 'BACKWARD'}
			compat s B => yes
			compat s B at=1 => yes
			compat s B at=7 => 40402
			compat none X => yes
			compat none X at=0 => yes
			compat s ! verbose => no Invalid schema of type AVRO, details: Invalid schema {subject=s,version=null,id=null,guid=d2ff43b0-7ef4-05a6-a332-5324d534693d,schemaType=AVRO,references=[],metadata=null,ruleSet=null,schema={"type":,schemaTags=null,ts=null,deleted=null} with refs [] of type AVRO, details: com.fasterxml.jackson.core.io.JsonEOFException: Unexpected end-of-input within/between Object entries at [Source: REDACTED (` + "`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION`" + ` disabled); line: 1, column: 9]
			register s X => 40901
			register s X force => v2 id2
			config s NONE => {"compatibility":"NONE"}
			register s Y => v3 id3
			config s BACKWARD_TRANSITIVE => {"compatibility":"BACKWARD_TRANSITIVE"}
			compat s Y => yes
			compat s A at=0 => no {errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'a' at path '/fields/0' in the new schema has no default value and is missing in the old schema', additionalInfo:'a'} {oldSchemaVersion: 3} {oldSchema: '{"type":"record","name":"R","fields":[{"name":"b","type":"int"}]}'} {validateFields: 'false', compatibility: 'BACKWARD_TRANSITIVE'}`,
		"the lenient policy for JSON Schemas": `
			register s J type=JSON => v1 id1
			compat s ! type=JSON verbose => no Invalid schema of type JSON, details: Invalid schema of type JSON, details: Invalid JSON schema
			compat s - type=JSON verbose => no Empty schema
			register s K type=JSON => 40901 "{errorType:"OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", description:"
			config s FULL policy=LENIENT => {"compatibility":"FULL","compatibilityPolicy":"LENIENT"}
			register s K type=JSON => v2 id2
			register s A => 40901 "details: [Incompatible because of different schema type"
			config s BACKWARD policy=STRICT => {"compatibility":"BACKWARD","compatibilityPolicy":"STRICT"}
			compat s K type=JSON at=1 => no {errorType:"OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", description:"The new schema has an open content model and has a property or item at path '#/properties/b' which is missing in the old schema'} {oldSchemaVersion: 1} {oldSchema: '{"type":"object","properties":{"a":{"type":"string"}}}'} {validateFields: 'false', compatibility: 'BACKWARD'}
			config s NONE => {"compatibility":"NONE","compatibilityPolicy":"STRICT"}
			register s J type=JSON meta=confluent:reserved~a => v3 id3
			register t J type=JSON normalize => v1 id4`,
		"compatibility groups": `
			config s BACKWARD group=major => {"compatibility":"BACKWARD","compatibilityGroup":"major"}
			register s A meta=major~1 => v1 id1
			register s X meta=major~2 => v2 id2
			register s X meta=major~1 => 40901
			register s B meta=major~1 => v3 id3`,
		"soft and hard delete of a subject": `
			register s A => v1 id1
			register s B => v2 id2
			delete none => 40401
			delete s permanent => 40405 "Subject 's' was not deleted first before being permanently deleted"
			delete s => 1 2
			delete s => 40404 "was soft deleted.Set permanent=true"
			versions s => 40401
			versions s deleted => 1 2
			get s 1 => 40401
			get s 1 deleted => v1 id1
			byid 1 => s v1 id1
			subjects => nothing
			subjects deleted => s
			lookup s A => 40401
			lookup s A deleted => v1 id1
			register s A => v3 id1
			versions s deleted => 2 3
			delete s => 3
			delete s permanent => 2 3
			byid 1 => 40403
			subjects deleted => nothing
			register s A => v1 id3`,
		"soft and hard delete of a version": `
			register s A => v1 id1
			register s B => v2 id2
			deleteversion none 1 => 40401
			deleteversion s 9 => 40402
			deleteversion s 1 permanent => 40407 "Subject 's' Version 1 was not deleted first"
			deleteversion s 1 => 1
			deleteversion s 1 => 40406 "Subject 's' Version 1 was soft deleted.Set permanent=true"
			get s 1 => 40402
			versions s => 2
			deleteversion s latest => 2
			deleteversion s latest => 40907
			config s FULL => {"compatibility":"FULL"}
			mode s READWRITE => ok
			deleteversion s 2 permanent => 2
			config s => FULL
			deleteversion s 1 permanent => 1
			config s => 40408
			mode s => 40409
			subjects deleted => nothing`,
		"references": `
			register n N => v1 id1
			register u U ref=n.N@n@2 => 42201 "No schema reference found for subject "n" and version 2"
			register u U ref=n.N@gone@1 => 42201 "with refs [{name='n.N', subject='gone', version=1}] of type AVRO"
			register u U ref=n.N@n@-1 => v1 id2
			register u U ref=n.N@n@1 => v1 id2
			lookup u UN => v1 id2
			register u UN => v1 id2
			referencedby n 1 => 2
			delete n => 42206 "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=n,version=1}."
			deleteversion n 1 => 42206
			delete u => 1
			delete n => 42206
			referencedby n 1 => nothing
			referencedby n 1 deleted => 2
			delete u permanent => 1
			delete n => 1
			referencedby n 1 => nothing`,
		"config in scope": `
			config s => 40408
			config s inherited => BACKWARD
			config * => BACKWARD
			config * FULL => {"compatibility":"FULL"}
			config s inherited => FULL
			config :.c:s inherited => BACKWARD
			config :.__GLOBAL: NONE => {"compatibility":"NONE"}
			config :.c:s inherited => NONE
			config :.c: FORWARD => {"compatibility":"FORWARD"}
			config :.c:s inherited => FORWARD
			config :.c:s none => {"compatibility":"NONE"}
			config :.c:s => NONE
			config s STRANGE => 42203
			deleteconfig s => 40401
			deleteconfig :.c:s => NONE
			config :.c:s inherited => FORWARD
			deleteconfig * => FULL
			config * => NONE
			config :*: NONE => 42208`,
		"modes": `
			register s A => v1 id1
			mode * => READWRITE
			mode s => 40409
			mode s readonly => ok
			mode s => READONLY
			register s A => v1 id1
			register s B => 42205 "Subject s in context  is in read-only mode"
			delete s => 42205
			deleteversion s 1 => 42205
			config s NONE => 42205
			mode s STRANGE => 42204
			mode s FORWARD => 42205
			mode s IMPORT => 42205
			mode s null => ok
			mode s => 40409
			deletemode s => 40401
			mode * READONLY => ok
			register t A => 42205
			mode t READWRITE => ok
			register t A => v1 id1
			deletemode t => READWRITE
			deletemode * => READONLY
			deletemode * => nothing
			mode :.c: READONLY => ok
			mode :.c:a READONLY => ok
			register :.c:b A => 42205 "Subject :.c:b in context :.c: is in read-only mode"
			deletemode :.c: recursive => READONLY
			mode :.c:a => 40409`,
		"import": `
			register s A id=7 => 42205 "is not in import mode"
			register s A => v1 id1
			register s A id=1 => v1 id1
			register s A id=2 => 42205
			mode i IMPORT => ok
			register i A => 42205 "is not in read-write mode"
			register i A id=7 version=3 => v3 id7
			register i X id=8 => v4 id8
			register i B id=8 version=9 => 42205 "Overwrite new schema with id 8 in context  is not permitted."
			register i B id=9 version=3 => v3 id9
			register i ! id=10 => 42201 "id=0"
			byid 7 => i v3 id9
			byid 9 => i v3 id9
			versions i => 3 4
			mode i READWRITE => ok
			register t C => v1 id10
			mode s IMPORT => 42205
			mode s IMPORT force => ok
			mode s READWRITE => ok
			delete s => 1
			mode s IMPORT => ok
			versions s deleted => 40401
			register s A id=2147483647 => v1 id2147483647
			register t X force => v2 id8
			register t "bytes" force => v3 id1`,
		"explicit versions": `
			register s A version=2 => 42201 "Version is not one more than previous version"
			register s A version=1 => v1 id1
			register s A version=1 => v1 id1
			register s A => v1 id1
			register s A version=2 => v2 id2
			register s B version=-1 => v3 id3
			register s B version=-1 => v3 id3
			lookup s B => v3 id3
			register s C version=9 => 42201`,
		"metadata": `
			register s A meta=o~me => v1 id1
			register s A => v1 id1
			register s A meta=o~you => v2 id2
			register s A meta=o~me => v1 id1
			register s A meta= => v3 id3
			lookup s A => v3 id3
			lookup s A meta=o~you => v2 id2
			lookup s A meta=x~y => 40403
			config t default=d~1;k~0 override=o~9 => {"defaultMetadata":{"properties":{"d":"1","k":"0"}},"overrideMetadata":{"properties":{"o":"9"}}}
			register t A meta=k~2;o~1 => v1 id4
			register t A meta=k~2 => v1 id4
			register t A => v1 id4
			register t B => v2 id5`,
		"reserved fields": `
			config s BACKWARD validateFields=true => {"validateFields":true,"compatibility":"BACKWARD"}
			register s A meta=confluent:reserved~z,y => v1 id1
			register s B meta=confluent:reserved~y => 40901 "details: [The new schema has reserved field z removed from its metadata which is present in the old schema's metadata., {validateFields: 'true', compatibility: 'BACKWARD'}]"
			register s B meta=confluent:reserved~z,y,b => 40901 "The new schema has field that conflicts with the reserved field b."
			register s B => v2 id2`,
		"contexts": `
			contexts => .
			register :.c:s A => v1 id1
			register s B => v1 id1
			register :.:s B => v1 id1
			contexts => . .c
			byid 1 => s v1 id1
			register :.c:s B => v2 id2
			byid 2 => :.c:s v2 id2
			idversions 2 => :.c:s/2
			idversions 1 :.c: => :.c:s/1
			subjects => :.c:s s
			register :.d:only A => v1 id1
			get only 1 => v1 id1
			lookup only A => v1 id1
			versions only => 1
			deletecontext .d => 42211
			register :.d:n N => v1 id2
			register :.d:u U ref=n.N@n@1 => v1 id3
			register u U ref=n.N@n@1 => 42201
			register u U ref=n.N@:.d:n@1 => v1 id2
			referencedby :.d:n 1 => 2 3
			delete :.d:n => 42206
			delete :.d:u => 1
			delete :.d:u permanent => 1
			delete :.d:only => 1
			delete :.d:only permanent => 1
			delete u => 1
			delete u permanent => 1
			delete :.d:n => 1
			delete :.d:n permanent => 1
			deletecontext .d => ok
			deletecontext .d => ok
			contexts => . .c`,
	} {
		t.Run(name, func(t *testing.T) {
			l := memlog.New()
			r := open(t, l)
			play(t, r, script)
			sameState(t, r, open(t, l))
		})
	}
}
