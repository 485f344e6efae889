package postgres_test

import (
	"testing"
)

func TestSnapshotThenStream(t *testing.T) {
	f := setup(t, `create table a (id int primary key, v text); insert into a values (1, 'one'), (2, null), (3, 'three');
create table b (x int, y text); insert into b values (7, 'seven');
create table c (id bigint primary key)`)
	r := f.open(nil)
	r.want("public.a r {1} ->{1,one} first", "public.a r {2} ->{2,-} true", "public.a r {3} ->{3,three} last_in_data_collection", "public.b r ->{7,seven} last")
	f.exec(`insert into a values (4, 'four'); update a set v = 'uno' where id = 1; update a set id = 5 where id = 2; delete from a where id = 3; insert into b values (8, 'eight'); insert into c values (1)`)
	r.want("public.a c {4} ->{4,four}", "public.a u {1} ->{1,uno}",
		`public.a d {2} {2,-}>- __debezium.newkey={"id":5}`, `public.a tombstone {2}`, `public.a c {5} ->{5,-} __debezium.oldkey={"id":2}`,
		"public.a d {3} {3,-}>-", "public.a tombstone {3}", "public.b c ->{8,eight}", "public.c c {1} ->{1}")
	for i := 1; i < len(r.ids); i++ {
		if !r.ids[i-1].Less(r.ids[i]) {
			t.Errorf("ID %v after %v", r.ids[i], r.ids[i-1])
		}
	}
	if err := r.src.Commit(t.Context(), r.pos); err != nil {
		t.Fatal(err)
	}
	r.close()
	f.exec(`insert into c values (2)`)
	again := f.open(r.pos)
	again.want("public.c c {2} ->{2}")
}
