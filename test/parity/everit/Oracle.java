import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.TreeSet;
import org.everit.json.schema.*;
import org.everit.json.schema.loader.SchemaLoader;
import org.json.JSONObject;

/** Reads a schema a line and answers with the tree that everit makes of it, or with ERROR. */
public class Oracle {
  static final int DEPTH = 5;

  public static void main(String[] args) {
    Scanner in = new Scanner(System.in);
    while (in.hasNextLine()) {
      try {
        Schema s = SchemaLoader.builder().useDefaults(true).draftV7Support().schemaJson(new JSONObject(in.nextLine())).build().load().build();
        System.out.println(tree(s, 0));
      } catch (Exception e) {
        System.out.println("ERROR " + e.toString().replace('\n', ' '));
      }
    }
  }

  static String number(Number n) {
    return n == null ? "-" : new BigDecimal(n.toString()).stripTrailingZeros().toString();
  }

  static List<String> trees(Collection<Schema> schemas, int depth) {
    List<String> out = new ArrayList<>();
    for (Schema s : schemas) {
      out.add(tree(s, depth));
    }
    return out;
  }

  static TreeSet<String> named(Map<?, Schema> schemas, int depth) {
    TreeSet<String> out = new TreeSet<>();
    schemas.forEach((name, s) -> out.add(name + ":" + tree(s, depth)));
    return out;
  }

  static String tree(Schema s, int depth) {
    if (s == null) {
      return "-";
    }
    if (depth > DEPTH) {
      return "…";
    }
    int next = depth + 1;
    if (s instanceof ReferenceSchema) { // its default is kept or lost by the order of loading
      return "Ref(" + tree(((ReferenceSchema) s).getReferredSchema(), next) + ")";
    }
    return (s.hasDefaultValue() ? "=" : "") + described(s, next);
  }

  static String described(Schema s, int next) {
    if (s instanceof CombinedSchema) {
      CombinedSchema c = (CombinedSchema) s;
      List<String> parts = trees(c.getSubschemas(), next);
      parts.sort(null);
      return c.getCriterion() + parts.toString();
    }
    if (s instanceof ObjectSchema) {
      ObjectSchema o = (ObjectSchema) s;
      TreeSet<String> dependencies = named(o.getSchemaDependencies(), next);
      o.getPropertyDependencies().forEach((name, needs) -> dependencies.add(name + new TreeSet<>(needs)));
      return "Object{" + named(o.getPropertySchemas(), next) + " " + o.permitsAdditionalProperties() + " " + tree(o.getSchemaOfAdditionalProperties(), next)
          + " " + new TreeSet<>(o.getRequiredProperties()) + " " + dependencies + " " + named(o.getPatternProperties(), next)
          + " " + number(o.getMinProperties()) + " " + number(o.getMaxProperties()) + "}";
    }
    if (s instanceof ArraySchema) {
      ArraySchema a = (ArraySchema) s;
      return "Array{" + tree(a.getAllItemSchema(), next) + " " + trees(a.getItemSchemas() == null ? List.of() : a.getItemSchemas(), next) + " " + a.permitsAdditionalItems()
          + " " + tree(a.getSchemaOfAdditionalItems(), next) + " " + number(a.getMinItems()) + " " + number(a.getMaxItems()) + " " + a.needsUniqueItems() + "}";
    }
    if (s instanceof NumberSchema) {
      NumberSchema n = (NumberSchema) s;
      return "Number{" + n.requiresInteger() + " " + number(n.getMinimum()) + " " + number(n.getMaximum()) + " " + number(n.getExclusiveMinimumLimit())
          + " " + number(n.getExclusiveMaximumLimit()) + " " + number(n.getMultipleOf()) + "}";
    }
    if (s instanceof StringSchema) {
      StringSchema t = (StringSchema) s;
      return "String{" + number(t.getMinLength()) + " " + number(t.getMaxLength()) + " " + (t.getPattern() == null ? "-" : t.getPattern()) + "}";
    }
    if (s instanceof NotSchema) {
      return "Not(" + tree(((NotSchema) s).getMustNotMatch(), next) + ")";
    }
    return s instanceof EmptySchema ? "Any" : s.getClass().getSimpleName().replace("Schema", "");
  }
}
