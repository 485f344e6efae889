package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
)

const shopSchema = `
create table if not exists customers (id bigint generated always as identity primary key, name text not null, email text, tier varchar(10) not null default 'basic', since date not null default current_date);
create table if not exists products (sku varchar(20) primary key, title text not null, price numeric(10,2) not null, tags text[], attributes jsonb not null default '{}');
create table if not exists orders (id bigint generated always as identity primary key, customer_id bigint not null references customers, placed_at timestamptz not null default now(), status varchar(16) not null default 'new', total numeric(12,2) not null);
create table if not exists order_lines (order_id bigint not null references orders on delete cascade, line int not null, sku varchar(20) not null references products, quantity int not null, primary key (order_id, line));
create sequence if not exists shop_alters`

// shop is the database that the demo watches, and the life in it.
type shop struct {
	conn *pgx.Conn
	rand *rand.Rand
}

// openShop makes the shop on first use, with rows for the snapshot to find.
func openShop(ctx context.Context, p *postgres) (*shop, error) {
	admin, err := pgx.Connect(ctx, p.url("postgres"))
	if err != nil {
		return nil, err
	}
	defer admin.Close(ctx)
	var exists bool
	if err := admin.QueryRow(ctx, "select exists (select from pg_database where datname = 'shop')").Scan(&exists); err != nil {
		return nil, err
	}
	if !exists {
		if _, err := admin.Exec(ctx, "create database shop"); err != nil {
			return nil, err
		}
	}
	c, err := pgx.Connect(ctx, p.url("shop"))
	if err != nil {
		return nil, err
	}
	s := &shop{conn: c, rand: rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))}
	if _, err := c.Exec(ctx, shopSchema); err != nil {
		return nil, fmt.Errorf("making the shop's tables: %w", err)
	}
	if !exists {
		_, err = c.Exec(ctx, `
insert into customers (name, email, tier) select 'Customer ' || g, 'c' || g || '@shop.example', (array['basic','silver','gold'])[1 + g % 3] from generate_series(1, 1000) g;
insert into products select 'SKU-' || g, 'Product ' || g, (g % 500) + 0.99, array['tag' || g % 7, 'all'], jsonb_build_object('weight', g % 40, 'colour', (array['red','green','blue'])[1 + g % 3]) from generate_series(1, 500) g;
insert into orders (customer_id, total) select 1 + g % 1000, (g % 9000) / 10.0 from generate_series(1, 5000) g;
insert into order_lines select o.id, 1, 'SKU-' || 1 + o.id % 500, 1 + o.id % 4 from orders o`)
	}
	return s, err
}

// live changes the shop until ctx ends: about 20 changes a second, and one ALTER TABLE a minute.
func (s *shop) live(ctx context.Context) error {
	change := time.NewTicker(100 * time.Millisecond)
	defer change.Stop()
	alter := time.NewTicker(time.Minute)
	defer alter.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return s.conn.Close(context.WithoutCancel(ctx))
		case <-alter.C:
			err = s.alter(ctx)
		case <-change.C:
			err = s.change(ctx)
		}
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("changing the shop: %w", err)
		}
	}
}

func (s *shop) change(ctx context.Context) error {
	switch n := s.rand.IntN(10); {
	case n < 5: // an order with its lines, in one transaction
		return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
			var id int64
			if err := tx.QueryRow(ctx, "insert into orders (customer_id, total) values ($1, $2) returning id", 1+s.rand.IntN(1000), float64(s.rand.IntN(50000))/100).Scan(&id); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "insert into order_lines select $1::bigint, g, 'SKU-' || 1 + ($1::bigint * 7 + g) % 500, 1 from generate_series(1, $2::int) g", id, 1+s.rand.IntN(3))
			return err
		})
	case n < 8:
		_, err := s.conn.Exec(ctx, "update orders set status = (array['paid','packed','shipped','delivered'])[1 + $1::int] where id = (select max(id) - $2::int from orders)", s.rand.IntN(4), s.rand.IntN(50))
		return err
	case n < 9:
		_, err := s.conn.Exec(ctx, "update products set price = price * 1.01 where sku = 'SKU-' || $1::int", 1+s.rand.IntN(500))
		return err
	default:
		_, err := s.conn.Exec(ctx, "delete from orders where id = (select min(id) from orders)")
		return err
	}
}

// alter adds a column to orders, and every fifth time drops the ones that it added.
func (s *shop) alter(ctx context.Context) error {
	var n int64
	if err := s.conn.QueryRow(ctx, "select nextval('shop_alters')").Scan(&n); err != nil {
		return err
	}
	if n%5 != 0 {
		_, err := s.conn.Exec(ctx, fmt.Sprintf("alter table orders add column if not exists extra_%d text default 'added while you watched'", n%5))
		return err
	}
	_, err := s.conn.Exec(ctx, "alter table orders drop column if exists extra_1, drop column if exists extra_2, drop column if exists extra_3, drop column if exists extra_4")
	return err
}
