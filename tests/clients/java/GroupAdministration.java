// Asks a cluster about its consumer groups all that Kafka's admin client can ask, and prints what it
// is told, a line a fact, without what differs from one cluster to another.
//
// Printed in sections, each under "# name"; the tests hold each to what Apache Kafka says.

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

public final class GroupAdministration {
    private static final String MEMBER_ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    private static final TopicPartition FIRST = new TopicPartition("orders", 0);
    private static final TopicPartition SECOND = new TopicPartition("orders", 1);
    private static final TopicPartition OTHER = new TopicPartition("payments", 0);

    private final String bootstrap;
    private final Admin admin;

    private GroupAdministration(String bootstrap, Admin admin) {
        this.bootstrap = bootstrap;
        this.admin = admin;
    }

    public static void main(String[] arguments) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", arguments[0]))) {
            new GroupAdministration(arguments[0], admin).everything();
        }
    }

    private void everything() throws Exception {
        var topics = List.of(topic("orders", 2), topic("payments", 1));
        admin.createTopics(topics).all().get();
        section("nobody knows the group");
        askEverything("shop");
        section("offsets set by an administrator");
        commit("shop", FIRST, 3, "counted by hand");
        commit("shop", OTHER, 1, "");
        commit("shop", new TopicPartition("orders", 9), 1, "");
        commit("empty", SECOND, 0, "");
        askEverything("shop");
        section("lists");
        lists();
        section("members");
        try (var member = member("live", "first"); var dynamic = member("live", null)) {
            waitUntilShared(member, dynamic);
            member.commitSync(Map.of(FIRST, new OffsetAndMetadata(0, Optional.of(0), "mine")));
            askEverything("live");
            lists();
            commit("live", FIRST, 5, "");
            tell("delete offsets", () -> deleteOffsets("live", FIRST, OTHER));
            tell("delete", () -> admin.deleteConsumerGroups(List.of("live")).all().get());
            tell("remove nobody", () -> remove("live", "second"));
            tell("remove the static one", () -> remove("live", "first"));
        }
        section("removed members");
        tell("remove all", () -> {
            var all = new RemoveMembersFromConsumerGroupOptions();
            return admin.removeMembersFromConsumerGroup("live", all).all().get();
        });
        askEverything("live");
        section("deleted offsets and groups");
        tell("offsets", () -> deleteOffsets("shop", FIRST, new TopicPartition("orders", 7)));
        tell("offsets of nobody", () -> deleteOffsets("nobody", FIRST));
        askEverything("shop");
        tell("groups", () -> told(admin.deleteConsumerGroups(List.of("shop", "empty", "nobody"))
                .deletedGroups()));
        tell("the last one", () -> admin.deleteConsumerGroups(List.of("live")).all().get());
        lists();
    }

    /** Everything about one group. */
    private void askEverything(String group) {
        tell("offsets", () -> offsets(admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata().get()));
        var some = new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(FIRST, SECOND));
        tell("some offsets", () -> offsets(admin.listConsumerGroupOffsets(Map.of(group, some))
                .partitionsToOffsetAndMetadata(group).get()));
        var operations = new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true);
        tell("as a consumer group", () -> described(admin
                .describeConsumerGroups(List.of(group), operations)
                .describedGroups().get(group).get()));
        tell("as a classic group", () -> {
            var found = admin.describeClassicGroups(List.of(group)).describedGroups();
            var of = found.get(group).get();
            return "'" + of.protocol() + "' '" + of.protocolData() + "' " + of.state()
                    + " members " + of.members().size();
        });
    }

    private void lists() {
        tell("all", () -> listed(admin.listGroups().all().get()));
        tell("consumers", () -> listed(admin.listGroups(
                ListGroupsOptions.forConsumerGroups()).all().get()));
        for (var state : List.of(GroupState.STABLE, GroupState.EMPTY, GroupState.DEAD)) {
            tell(state.toString(), () -> listed(admin.listGroups(
                    new ListGroupsOptions().inGroupStates(Set.of(state))).all().get()));
        }
        for (var type : List.of(GroupType.CLASSIC, GroupType.CONSUMER, GroupType.SHARE)) {
            tell(type.toString(), () -> listed(admin.listGroups(
                    new ListGroupsOptions().withTypes(Set.of(type))).all().get()));
        }
        tell("of a protocol", () -> listed(admin.listGroups(
                new ListGroupsOptions().withProtocolTypes(Set.of("consumer"))).all().get()));
    }

    private void commit(String group, TopicPartition partition, long offset, String metadata) {
        tell("commit " + partition, () -> {
            var wanted = new OffsetAndMetadata(offset, Optional.of(7), metadata);
            return admin.alterConsumerGroupOffsets(group, Map.of(partition, wanted)).all().get();
        });
    }

    private String deleteOffsets(String group, TopicPartition... partitions) throws Exception {
        var deleted = admin.deleteConsumerGroupOffsets(group, Set.of(partitions));
        return Set.of(partitions).stream()
                .sorted(Comparator.comparing(TopicPartition::toString))
                .map(partition -> partition + " " + outcome(
                        () -> deleted.partitionResult(partition).get()))
                .collect(Collectors.joining(", "));
    }

    private Void remove(String group, String instance) throws Exception {
        var who = new RemoveMembersFromConsumerGroupOptions(Set.of(new MemberToRemove(instance)));
        return admin.removeMembersFromConsumerGroup(group, who).all().get();
    }

    private static String offsets(Map<TopicPartition, OffsetAndMetadata> offsets) {
        var sorted = new TreeMap<TopicPartition, Object>(
                Comparator.comparing(TopicPartition::toString));
        offsets.forEach((partition, offset) -> sorted.put(partition, offset == null
                ? "none"
                : offset.offset() + " " + offset.leaderEpoch() + " '" + offset.metadata() + "'"));
        return sorted.toString();
    }

    private static String described(ConsumerGroupDescription group) {
        String members = group.members().stream()
                .map(member -> member.consumerId().replaceAll(MEMBER_ID, "ID") + " "
                        + member.groupInstanceId() + " " + member.clientId() + " " + member.host()
                        + " " + member.assignment().topicPartitions().size() + " partitions")
                .sorted()
                .collect(Collectors.joining("; "));
        return group.groupState() + " " + group.type() + " simple " + group.isSimpleConsumerGroup()
                + " '" + group.partitionAssignor() + "' coordinator " + group.coordinator().id()
                + " operations " + new TreeSet<>(group.authorizedOperations()) + " [" + members + "]";
    }

    private static String listed(Collection<GroupListing> groups) {
        return groups.stream()
                .map(group -> group.groupId() + " " + group.type() + " '" + group.protocol() + "' "
                        + group.groupState() + " simple " + group.isSimpleConsumerGroup())
                .sorted()
                .toList()
                .toString();
    }

    private static String told(Map<String, ? extends Future<?>> outcomes) {
        var sorted = new TreeMap<String, String>();
        outcomes.forEach((name, result) -> sorted.put(name, outcome(result::get)));
        return sorted.toString();
    }

    private KafkaConsumer<String, String> member(String group, String instance) {
        var settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("group.id", group);
        settings.put("client.id", instance == null ? "dynamic" : "static");
        settings.put("enable.auto.commit", "false");
        settings.put("heartbeat.interval.ms", "300");
        if (instance != null) {
            settings.put("group.instance.id", instance);
        }
        var text = new StringDeserializer();
        var consumer = new KafkaConsumer<>(settings, text, text);
        consumer.subscribe(List.of("orders"));
        return consumer;
    }

    private static void waitUntilShared(KafkaConsumer<?, ?>... members) {
        boolean[] share = new boolean[members.length];
        while (!IntStream.range(0, share.length).allMatch(i -> share[i])) {
            for (int i = 0; i < members.length; i++) {
                members[i].poll(Duration.ofMillis(100));
                share[i] = members[i].assignment().size() == 1;
            }
        }
    }

    private static NewTopic topic(String name, int partitions) {
        return new NewTopic(name, Optional.of(partitions), Optional.empty());
    }

    private static void section(String name) {
        System.out.println("# " + name);
    }

    private static void tell(String what, Callable<?> question) {
        System.out.println(what + ": " + outcome(question));
    }

    private static String outcome(Callable<?> question) {
        try {
            Object answer = question.call();
            return answer == null ? "done" : answer.toString();
        } catch (ExecutionException error) {
            return sentence(error.getCause());
        } catch (Exception error) {
            return sentence(error);
        }
    }

    private static String sentence(Throwable error) {
        String cause = error.getCause() == null ? "" : " <- " + sentence(error.getCause());
        return error.getClass().getSimpleName() + ": " + error.getMessage() + cause;
    }
}
