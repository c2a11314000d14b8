// Has groups of every sort leave their records in __consumer_offsets, says what Kafka knows of them,
// and ends without a word to the broker, so that members stay:
//   offset GROUP TOPIC PARTITION OFFSET METADATA
//   group GROUP STATE PROTOCOL
//   member GROUP MEMBER INSTANCE CLIENT HOST TOPIC:PARTITION,...
// where "-" stands for nothing.

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

class Groups {
    private static final List<String> GROUPS =
        List.of("stable", "left", "simple", "shrunk", "transactional");
    private static String bootstrap;

    public static void main(String[] arguments) throws Exception {
        bootstrap = arguments[0];
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            NewTopic orders = new NewTopic("orders", 3, (short) 1);
            admin.createTopics(List.of(orders, new NewTopic("news", 1, (short) 1))).all().get();
            leave();
            simple(admin);
            transactions();
            modern();
            List<KafkaConsumer<byte[], byte[]>> members = stable();
            for (String group : GROUPS) {
                tell(admin, group);
            }
            tellOffsets(admin, "modern");
            System.out.flush();
            Runtime.getRuntime().halt(members.size() == 2 ? 0 : 1);
        }
    }

    /** Two members that share a topic, one of them by a name of its own. */
    private static List<KafkaConsumer<byte[], byte[]>> stable() {
        List<KafkaConsumer<byte[], byte[]>> members = new ArrayList<>();
        members.add(consumer("stable", "classic", "first"));
        members.add(consumer("stable", "classic", null));
        members.forEach(member -> member.subscribe(Set.of("orders")));
        while (members.stream().mapToInt(member -> member.assignment().size()).sum() != 3
            || members.stream().anyMatch(member -> member.assignment().isEmpty())) {
            members.forEach(member -> member.poll(Duration.ofMillis(100)));
        }
        for (KafkaConsumer<byte[], byte[]> member : members) {
            for (int round = 0; round < 3; round++) {
                for (TopicPartition partition : member.assignment()) {
                    long offset = 10L * round + partition.partition();
                    member.commitSync(Map.of(partition, new OffsetAndMetadata(offset, "r" + round)));
                }
            }
        }
        return members;
    }

    private static void leave() {
        KafkaConsumer<byte[], byte[]> member = consumer("left", "classic", null);
        member.subscribe(Set.of("orders", "news"));
        while (member.assignment().isEmpty()) {
            member.poll(Duration.ofMillis(100));
        }
        member.commitSync(Map.of(place("orders", 1), new OffsetAndMetadata(5)));
        member.close();
    }

    /** Groups without members, of which offsets and a whole group are deleted. */
    private static void simple(Admin admin) throws Exception {
        var one = new OffsetAndMetadata(1, "mine");
        for (String group : List.of("simple", "shrunk", "deleted")) {
            var offsets = Map.of(place("orders", 0), one, place("news", 0), new OffsetAndMetadata(2));
            admin.alterConsumerGroupOffsets(group, offsets).all().get();
        }
        admin.deleteConsumerGroupOffsets("shrunk", Set.of(place("orders", 0))).all().get();
        admin.deleteConsumerGroups(List.of("deleted")).all().get();
    }

    /** One transaction that is committed, one that is aborted and one that is neither. */
    private static void transactions() throws Exception {
        commit("committed", place("orders", 0), 7, "commit");
        commit("aborted", place("orders", 1), 8, "abort");
        commit("open", place("orders", 2), 9, "leave");
    }

    private static void commit(String id, TopicPartition at, long offset, String end) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("transactional.id", id);
        var bytes = new ByteArraySerializer();
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(properties, bytes, bytes);
        producer.initTransactions();
        producer.beginTransaction();
        var offsets = Map.of(at, new OffsetAndMetadata(offset, end));
        producer.sendOffsetsToTransaction(offsets, new ConsumerGroupMetadata("transactional"));
        switch (end) {
            case "commit" -> producer.commitTransaction();
            case "abort" -> producer.abortTransaction();
            default -> producer.flush();
        }
    }

    /** A group that the broker assigns: its members are nothing that Klamm knows. */
    private static void modern() {
        KafkaConsumer<byte[], byte[]> member = consumer("modern", "consumer", null);
        member.subscribe(Set.of("news"));
        while (member.assignment().isEmpty()) {
            member.poll(Duration.ofMillis(100));
        }
        member.commitSync(Map.of(place("news", 0), new OffsetAndMetadata(3)));
        member.close();
    }

    private static void tell(Admin admin, String group) throws Exception {
        tellOffsets(admin, group);
        ConsumerGroupDescription described =
            admin.describeConsumerGroups(List.of(group)).all().get().get(group);
        String state = described.groupState().toString();
        System.out.println(words("group", group, state, described.partitionAssignor()));
        for (MemberDescription member : described.members()) {
            TreeSet<String> assigned = new TreeSet<>();
            member.assignment().topicPartitions().forEach(at ->
                assigned.add(at.topic() + ":" + at.partition()));
            System.out.println(words("member", group, member.consumerId(),
                member.groupInstanceId().orElse(""), member.clientId(), member.host(),
                String.join(",", assigned)));
        }
    }

    private static void tellOffsets(Admin admin, String group) throws Exception {
        var offsets = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        var sorted = new TreeMap<String, String>();
        offsets.forEach((at, offset) -> sorted.put(at.toString(), words("offset", group, at.topic(),
            at.partition(), offset.offset(), offset.metadata())));
        sorted.values().forEach(System.out::println);
    }

    private static String words(Object... words) {
        List<String> texts = new ArrayList<>();
        for (Object word : words) {
            String text = String.valueOf(word);
            texts.add(text.isEmpty() ? "-" : text);
        }
        return String.join(" ", texts);
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String group, String protocol, String instance) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("group.id", group);
        properties.put("group.protocol", protocol);
        properties.put("enable.auto.commit", "false");
        if (instance != null) {
            properties.put("group.instance.id", instance);
        }
        var bytes = new ByteArrayDeserializer();
        return new KafkaConsumer<>(properties, bytes, bytes);
    }

    private static TopicPartition place(String topic, int partition) {
        return new TopicPartition(topic, partition);
    }
}
