// Prints every key of Kafka's configuration, one a line, its fields separated by tabs: what Kafka's
// own tables say of it, and what becomes of each of some values.

import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.config.QuotaConfig;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;

public class ConfigKeys {
    /** The values to try are the arguments. */
    public static void main(String[] values) {
        print("topic", LogConfig.configKeys(), values);
        print("broker", AbstractKafkaConfig.CONFIG_DEF.configKeys(), values);
        print("broker-dynamic", QuotaConfig.brokerQuotaConfigs().configKeys(), values);
        print("group", GroupConfig.CONFIG_DEF.configKeys(), values);
        print("client-metrics", ClientMetricsConfigs.configDef().configKeys(), values);
    }

    private static void print(String kind, Map<String, ConfigKey> keys, String[] values) {
        new TreeMap<>(keys).forEach((name, key) -> {
            StringJoiner line = new StringJoiner("\t");
            line.add(kind).add(name).add(key.type.toString()).add(defaultOf(key));
            line.add(key.importance.toString());
            line.add(key.validator == null ? "" : key.validator.toString());
            line.add(key.internalConfig ? "internal" : "public");
            line.add(update(kind, name)).add(synonyms(kind, name));
            for (String value : values) line.add(outcome(key, value));
            System.out.println(line);
        });
    }

    private static String defaultOf(ConfigKey key) {
        if (!key.hasDefault()) return "required";
        String text = ConfigDef.convertToString(key.defaultValue, key.type);
        return text == null ? "unset" : "is " + text;
    }

    private static String update(String kind, String name) {
        if (kind.equals("broker-dynamic")) return "only-dynamic";
        if (!kind.equals("broker")) return "read-only";
        return DynamicBrokerConfig.dynamicConfigUpdateModes().getOrDefault(name, "read-only");
    }

    private static String synonyms(String kind, String name) {
        if (kind.equals("broker")) {
            List<String> family = DynamicBrokerConfig.brokerConfigSynonyms(name, false);
            return family.size() > 1 ? String.join(",", family) : "";
        }
        if (kind.equals("group")) {
            return GroupConfig.brokerSynonym(name).map(broker -> broker + "*1").orElse("");
        }
        if (!kind.equals("topic")) return "";
        StringJoiner text = new StringJoiner(",");
        for (ConfigSynonym one : ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS
                .getOrDefault(name, List.of())) {
            text.add(one.name() + "*" + one.converter().apply("1"));
        }
        return text.toString();
    }

    private static String outcome(ConfigKey key, String value) {
        try {
            Object parsed = ConfigDef.parseType(key.name, value, key.type);
            if (key.validator != null) key.validator.ensureValid(key.name, parsed);
            return "is " + ConfigDef.convertToString(parsed, key.type);
        } catch (ConfigException refused) {
            return refused.getMessage();
        }
    }
}
